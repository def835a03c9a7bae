{# Variance of a weighted mean of independent customers, Σw²(x − m)² / (Σw)², from sums; the weights are
   taken as known. With weights of 1 it is s² / n. #}
{% macro weighted_mean_variance(mean, customers, weight, weight_squared, squared_weight_value, squared_weight_squared_value) -%}
    (
        {{ safe_ratio(customers, customers ~ ' - 1') }}
        * greatest(
            0.0,
            {{ squared_weight_squared_value }}
            - 2 * {{ mean }} * {{ squared_weight_value }}
            + {{ mean }} * {{ mean }} * {{ weight_squared }}
        ) / ({{ weight }} * {{ weight }})
    )
{%- endmacro %}
