{# What other marts multiply points by: the adjusted value of one point for all active customers of a
   segment. NULL where the segment has too few customers to say. #}
{% macro point_values() -%}
    (
        select
            segment_dimension,
            segment_value,
            cast(revenue_per_point as double) as value_of_a_point,
            cast(standard_error as double) as value_standard_error,
            currency
        from {{ ref('revenue_per_point') }}
        where adjustment = 'adjusted' and base = 'active_customers'
    )
{%- endmacro %}


{# Points in money, and the standard error of that: two independent estimates are multiplied, so their
   relative variances add up (delta method). The columns of point_values are in scope. #}
{% macro revenue_of_points(points) -%}
    (({{ points }}) * value_of_a_point)
{%- endmacro %}


{% macro revenue_of_points_standard_error(points, points_standard_error) -%}
    sqrt(
        power(({{ points }}) * value_standard_error, 2)
        + power(({{ points_standard_error }}) * value_of_a_point, 2)
    )
{%- endmacro %}


{# Points in money as it is published; with a sign, a bound of its interval. #}
{% macro money_of_points(points, points_standard_error=none, sign=none) -%}
    {%- set bound = revenue_of_points(points) -%}
    {%- if sign -%}
        {%- set error = revenue_of_points_standard_error(points, points_standard_error) -%}
        {%- set bound = bound ~ ' ' ~ sign ~ ' ' ~ z95() ~ ' * ' ~ error -%}
    {%- endif -%}
    {{ money(bound) }}
{%- endmacro %}
