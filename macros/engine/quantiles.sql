{# Several quantiles of a value, interpolated, as a list: one pass that holds the values once, where
   each percentile_cont would hold them for itself. #}
{% macro quantiles(value, shares) -%}
    {{ return(adapter.dispatch('quantiles', 'pointworth')(value, shares)) }}
{%- endmacro %}

{% macro default__quantiles(value, shares) -%}
    percentile({{ value }}, array({{ shares | join(', ') }}))
{%- endmacro %}

{% macro duckdb__quantiles(value, shares) -%}
    quantile_cont({{ value }}, [{{ shares | join(', ') }}])
{%- endmacro %}


{# One of them, by its number from 1. #}
{% macro quantile_of(list, number) -%}
    {{ return(adapter.dispatch('quantile_of', 'pointworth')(list, number)) }}
{%- endmacro %}

{% macro default__quantile_of(list, number) -%}
    element_at({{ list }}, {{ number }})
{%- endmacro %}

{% macro duckdb__quantile_of(list, number) -%}
    list_extract({{ list }}, {{ number }})
{%- endmacro %}
