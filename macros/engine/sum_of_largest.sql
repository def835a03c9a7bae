{# Aggregate: the sum of the n largest values of a group. #}
{% macro sum_of_largest(value, n) -%}
    {{ return(adapter.dispatch('sum_of_largest', 'pointworth')(value, n)) }}
{%- endmacro %}

{% macro default__sum_of_largest(value, n) -%}
    aggregate(
        slice(sort_array(collect_list(cast({{ value }} as double)), false), 1, {{ n }}),
        cast(0 as double),
        (total, item) -> total + item
    )
{%- endmacro %}

{% macro duckdb__sum_of_largest(value, n) -%}
    list_sum(max(cast({{ value }} as double), {{ n }}))
{%- endmacro %}
