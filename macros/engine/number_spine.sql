{# The whole numbers 0 … n − 1 as a relation with the column `number`. #}
{% macro number_spine(n) -%}
    {{ return(adapter.dispatch('number_spine', 'pointworth')(n)) }}
{%- endmacro %}

{% macro default__number_spine(n) -%}
    (select cast(id as int) as number from range({{ n }}))
{%- endmacro %}

{% macro duckdb__number_spine(n) -%}
    (select cast(range as integer) as number from range({{ n }}))
{%- endmacro %}
