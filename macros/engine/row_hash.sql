{# A 64-bit number that is the same for rows with the same values of these expressions (texts, never
   NULL); different rows may share one, so it narrows a search and decides nothing. #}
{% macro row_hash(values) -%}
    {{ return(adapter.dispatch('row_hash', 'pointworth')(values)) }}
{%- endmacro %}

{% macro default__row_hash(values) -%}
    xxhash64({{ values | join(', ') }})
{%- endmacro %}

{% macro duckdb__row_hash(values) -%}
    hash({{ values | join(', ') }})
{%- endmacro %}
