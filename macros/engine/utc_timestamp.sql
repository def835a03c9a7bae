{# Text with or without an offset to a timestamp in UTC. ISO 8601 only: a zone by its name is refused,
   because a summer time is not an offset, and because DuckDB 1.5 goes on to read the values after it
   in that zone. #}
{% macro utc_timestamp(text) -%}
    {%- set iso = '^ *[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?'
        ~ '(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?)? *$' -%}
    {{ return(adapter.dispatch('utc_timestamp', 'pointworth')(text, iso)) }}
{%- endmacro %}

{% macro default__utc_timestamp(text, iso) -%}
    try_cast(case when {{ text }} rlike '{{ iso }}' then {{ text }} end as timestamp)
{%- endmacro %}

{# DuckDB's cast to timestamp drops the offset; the one to timestamptz heeds it. #}
{% macro duckdb__utc_timestamp(text, iso) -%}
    timezone('UTC', try_cast(case when regexp_matches({{ text }}, '{{ iso }}') then {{ text }} end as timestamptz))
{%- endmacro %}
