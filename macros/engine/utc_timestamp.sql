{# Text with or without an offset to a timestamp in UTC. #}
{% macro utc_timestamp(text) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'pointworth')(text)) }}
{%- endmacro %}

{% macro default__utc_timestamp(text) -%}
    try_cast({{ text }} as timestamp)
{%- endmacro %}

{# DuckDB's cast to timestamp drops the offset; the one to timestamptz heeds it. #}
{% macro duckdb__utc_timestamp(text) -%}
    timezone('UTC', try_cast({{ text }} as timestamptz))
{%- endmacro %}
