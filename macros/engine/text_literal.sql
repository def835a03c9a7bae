{# Any text as a literal of SQL. #}
{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal', 'pointworth')(text)) }}
{%- endmacro %}

{# Spark takes a backslash as an escape, and two quotes as the end of one literal and the start of the
   next, which it joins. #}
{% macro default__text_literal(text) -%}
    {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{%- endmacro %}

{% macro duckdb__text_literal(text) -%}
    {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}
