{# The running number of the first month that starts on or after a day. #}
{% macro first_month_start_since(day) -%}
    ({{ month_number(day) }} + case when extract(day from {{ day }}) > 1 then 1 else 0 end)
{%- endmacro %}
