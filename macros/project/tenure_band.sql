{# How long somebody has been a customer on a day. #}
{% macro tenure_band(customer_since, on_day) -%}
    case
        when {{ customer_since }} is null or {{ on_day }} is null then 'unknown'
        when {{ on_day }} < {{ add_months(customer_since, 12) }} then 'under_1_year'
        when {{ on_day }} < {{ add_months(customer_since, 36) }} then '1_to_3_years'
        when {{ on_day }} < {{ add_months(customer_since, 84) }} then '3_to_7_years'
        else '7_years_and_more'
    end
{%- endmacro %}

{# Tercile of monthly baseline revenue within client and customer type; the limits come from
   int_revenue_band_limits. #}
{% macro revenue_band(revenue, limits) -%}
    case
        when {{ revenue }} is null or {{ limits }}.low_maximum is null then 'unknown'
        when round({{ revenue }}, 6) <= {{ limits }}.low_maximum then 'low'
        when round({{ revenue }}, 6) <= {{ limits }}.middle_maximum then 'middle'
        else 'high'
    end
{%- endmacro %}
