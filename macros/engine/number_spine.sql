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


{# One row for each of the numbers 0 … n, where n is a column, in a select without other such columns:
   as many as there are, and none where n is negative or NULL. #}
{% macro each_number(n) -%}
    {{ return(adapter.dispatch('each_number', 'pointworth')(n)) }}
{%- endmacro %}

{# Spark counts downwards from 0 to a negative number. #}
{% macro default__each_number(n) -%}
    explode(case when {{ n }} >= 0 then sequence(0, cast({{ n }} as int)) end)
{%- endmacro %}

{% macro duckdb__each_number(n) -%}
    unnest(range(cast({{ n }} as integer) + 1))
{%- endmacro %}
