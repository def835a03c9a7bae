{# Whether an answer breaks the silence after an invitation: the customer's, on any survey, within
   silent_after_days. A join condition. #}
{% macro is_answer_in_time(responses, invitations) -%}
    {{ invitations }}.customer_id = {{ responses }}.customer_id
    and {{ invitations }}.sent_on <= {{ responses }}.responded_on
    and {{ add_days(invitations ~ '.sent_on', var('silent_after_days')) }} > {{ responses }}.responded_on
{%- endmacro %}
