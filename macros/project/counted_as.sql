{# Whose voice an answer is, so that one is counted per respondent and period; a transactional answer
   stands for its interaction, an anonymous one for itself. #}
{% macro counted_as() -%}
    case
        when survey_kind = 'transactional' then coalesce(interaction_id, response_id)
        when respondent_id is null then response_id
        else coalesce(customer_id, '') || '/' || respondent_id
    end
{%- endmacro %}

{# The day of the next answer of the same voice. An answer counts as long as there is none: it is the
   latest of each period, or window, that ends before that day. #}
{% macro next_responded_on() -%}
    lead(responded_on) over (
        partition by survey_kind, score_scale, {{ counted_as() }}
        order by responded_at, response_id
    )
{%- endmacro %}
