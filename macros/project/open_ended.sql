{# The end of a period, or a day after all others while it has none: so that a join can compare it. (An
   `or … is null` in an outer join makes every row meet every row.) #}
{% macro open_ended(date) -%}
    coalesce({{ date }}, cast('9999-12-31' as date))
{%- endmacro %}
