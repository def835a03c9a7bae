{# Whose voice an answer is, so that one is counted per respondent and period; a transactional answer
   stands for its interaction, an anonymous one for itself. #}
{% macro counted_as() -%}
    case
        when survey_kind = 'transactional' then coalesce(interaction_id, response_id)
        when respondent_id is null then response_id
        else coalesce(customer_id, '') || '/' || respondent_id
    end
{%- endmacro %}
