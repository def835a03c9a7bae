{# Arithmetic on times; all of them are UTC. #}

{# A time moved by a whole number of hours (a literal or a column). #}
{% macro add_hours(timestamp, hours) -%}
    {{ return(adapter.dispatch('add_hours', 'pointworth')(timestamp, hours)) }}
{%- endmacro %}

{% macro default__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + make_dt_interval(0, cast({{ hours }} as int)))
{%- endmacro %}

{% macro duckdb__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + to_hours(cast({{ hours }} as integer)))
{%- endmacro %}

{# Hours from one time to another, as a double. #}
{% macro hours_between(from_timestamp, to_timestamp) -%}
    {{ return(adapter.dispatch('hours_between', 'pointworth')(from_timestamp, to_timestamp)) }}
{%- endmacro %}

{% macro default__hours_between(from_timestamp, to_timestamp) -%}
    (cast(unix_micros({{ to_timestamp }}) - unix_micros({{ from_timestamp }}) as double) / 3.6e9)
{%- endmacro %}

{% macro duckdb__hours_between(from_timestamp, to_timestamp) -%}
    (cast(epoch_us({{ to_timestamp }}) - epoch_us({{ from_timestamp }}) as double) / 3.6e9)
{%- endmacro %}
