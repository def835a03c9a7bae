{# Months nobody has lived yet are held at the mean of the last three observed ones. So the sum over the
   horizon is a weighted sum over the observed months, the last three counting more than once. #}
{% macro horizon_weight(k, observed_months) -%}
    case
        when {{ k }} < 1 or {{ k }} > {{ observed_months }} then 0.0
        when {{ k }} > {{ observed_months }} - 3
            then 1 + cast({{ var('horizon_months') }} - {{ observed_months }} as double)
                / least(3, {{ observed_months }})
        else 1.0
    end
{%- endmacro %}


{# The same with each month discounted to the answer; the discount of the projected months is the sum of
   a geometric series. #}
{% macro discounted_horizon_weight(k, observed_months) -%}
    {%- if var('discount_rate') == 0 -%}{{ return(horizon_weight(k, observed_months)) }}{%- endif -%}
    {%- set v = (1 + var('discount_rate')) ** (-1 / 12) -%}
    case
        when {{ k }} < 1 or {{ k }} > {{ observed_months }} then 0.0
        when {{ k }} > {{ observed_months }} - 3
            then power({{ v }}, {{ k }})
                + (power({{ v }}, {{ observed_months }} + 1) - power({{ v }}, {{ var('horizon_months') }} + 1))
                / (1 - {{ v }})
                / least(3, {{ observed_months }})
        else power({{ v }}, {{ k }})
    end
{%- endmacro %}


{# A slope on the contribution, NULL where everybody in a stratum gave the same answer (what is left of
   the spread is rounding). #}
{% macro slope_where_defined(covariation) -%}
    case when spread > 1e-6 * baseline then {{ safe_ratio(covariation, 'spread') }} end
{%- endmacro %}
