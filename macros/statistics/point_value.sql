{# Summed slopes in money: times the monthly baseline revenue; NULL where not reportable. #}
{% macro point_value(slopes) -%}
    {{ when_reportable('(' ~ slopes ~ ') * monthly_baseline_revenue') }}
{%- endmacro %}
