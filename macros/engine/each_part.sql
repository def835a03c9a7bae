{# One row for each part of a text between separators, a letter that no regular expression knows as more
   than itself; in a select without other such columns. #}
{% macro each_part(text, separator) -%}
    {{ return(adapter.dispatch('each_part', 'pointworth')(text, separator)) }}
{%- endmacro %}

{% macro default__each_part(text, separator) -%}
    explode(split({{ text }}, '[{{ separator }}]'))
{%- endmacro %}

{% macro duckdb__each_part(text, separator) -%}
    unnest(string_split({{ text }}, '{{ separator }}'))
{%- endmacro %}
