{# Hours from one time to another, fractions included, to the second. #}
{% macro hours_between(from_time, to_time) -%}
    {{ return(adapter.dispatch('hours_between', 'pointworth')(from_time, to_time)) }}
{%- endmacro %}

{% macro default__hours_between(from_time, to_time) -%}
    ((unix_timestamp({{ to_time }}) - unix_timestamp({{ from_time }})) / cast(3600 as double))
{%- endmacro %}

{% macro duckdb__hours_between(from_time, to_time) -%}
    ((epoch({{ to_time }}) - epoch({{ from_time }})) / cast(3600 as double))
{%- endmacro %}
