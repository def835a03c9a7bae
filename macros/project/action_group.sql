{# What a comparison of the arms of a campaign is about: the columns that name one. #}
{% macro action_group() %}
    {{ return(
        ['campaign_id', 'action_kind', 'target_category', 'segment_dimension', 'segment_value']
    ) }}
{% endmacro %}


{# A join of two relations on all columns of a group. #}
{% macro same_group(one, other, group) -%}
    {%- for column in group -%}
    {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ '\n            and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
