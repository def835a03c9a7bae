{# Points in money, and the standard error of that: two independent estimates are multiplied, so their
   relative variances add up (delta method). The columns of int_value_of_a_point are in scope. #}
{% macro revenue_of_points(points) -%}
    (({{ points }}) * value_of_a_point)
{%- endmacro %}


{% macro revenue_of_points_standard_error(points, points_standard_error) -%}
    sqrt(
        power(({{ points }}) * value_standard_error, 2)
        + power(({{ points_standard_error }}) * value_of_a_point, 2)
    )
{%- endmacro %}
