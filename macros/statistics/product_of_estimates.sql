{# The standard error of a slope times a mean that is estimated from the same answers (delta method, with
   their covariance); `side` is the mean, or what the mean leaves to the top, with the sign by which the
   mean moves it. #}
{% macro slope_times_mean_standard_error(
    slope, side, sign, mean_variance='mean_variance', covariance='covariance'
) -%}
    sqrt(
        {#- Rounding can leave less than nothing; NULL stays NULL. #}
        case
            when power({{ side }}, 2) * slope_variance + power({{ slope }}, 2) * {{ mean_variance }}
                {{ sign }} 2 * ({{ slope }}) * ({{ side }}) * {{ covariance }} < 0 then 0
            else power({{ side }}, 2) * slope_variance + power({{ slope }}, 2) * {{ mean_variance }}
                {{ sign }} 2 * ({{ slope }}) * ({{ side }}) * {{ covariance }}
        end
    )
{%- endmacro %}
