{# One row for each word of a text, in a select without other such columns. #}
{% macro each_word(text) -%}
    {{ return(adapter.dispatch('each_word', 'pointworth')(text)) }}
{%- endmacro %}

{% macro default__each_word(text) -%}
    explode(split({{ text }}, ' '))
{%- endmacro %}

{% macro duckdb__each_word(text) -%}
    unnest(string_split({{ text }}, ' '))
{%- endmacro %}
