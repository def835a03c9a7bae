{# Aggregate: the values of a group, from the smallest to the largest, as one value that can be
   compared and grouped by. #}
{% macro sorted_list(value) -%}
    {{ return(adapter.dispatch('sorted_list', 'pointworth')(value)) }}
{%- endmacro %}

{% macro default__sorted_list(value) -%}
    sort_array(collect_list({{ value }}))
{%- endmacro %}

{% macro duckdb__sorted_list(value) -%}
    list({{ value }} order by {{ value }})
{%- endmacro %}
