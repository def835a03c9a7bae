{# A 64-bit number that is the same for rows with the same (trimmed) values in the columns; different
   rows may share one, so it narrows a search and decides nothing. #}
{% macro row_hash(columns, relation=none) -%}
    {%- set values = [] -%}
    {%- for column in columns -%}
        {%- do values.append("coalesce(trim(" ~ (relation ~ '.' if relation else '') ~ column ~ "), '')") -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('row_hash', 'pointworth')(values)) }}
{%- endmacro %}

{% macro default__row_hash(values) -%}
    xxhash64({{ values | join(', ') }})
{%- endmacro %}

{% macro duckdb__row_hash(values) -%}
    hash({{ values | join(', ') }})
{%- endmacro %}
