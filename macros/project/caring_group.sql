{# What a comparison of contacted with not contacted customers is about: the columns that name one. The
   not contacted have no kind of contact; they stand beside each. #}
{% macro caring_population() %}
    {{ return(['survey_kind', 'category', 'segment_dimension', 'segment_value']) }}
{% endmacro %}

{% macro caring_group() %}
    {{ return(caring_population() + ['contact_kind', 'contact_value']) }}
{% endmacro %}


{# In what a contact can differ. #}
{% macro caring_contact_kinds() %}
    {{ return(['hours_to_contact', 'owner_team', 'root_cause', 'corrective_action', 'outcome']) }}
{% endmacro %}


{# An estimate of leaving, or NULL where too few customers were followed for it. #}
{% macro when_churn_known(estimate) -%}
    case when is_churn_known then {{ estimate }} end
{%- endmacro %}
