{# Lines whose service reaches over several months, spread by day; the rounding remainder is on the
   last month, so that the months of a line sum to the line exactly. #}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('customer_id', 'billing_invoice_lines.customer_id') }}"
) }}

with

numbered_lines as (

    select
        lines.*,
        {{ each_number(
            month_number(add_days('lines.service_to', -1)) ~ ' - ' ~ month_number('lines.first_month')
        ) }} as month
    from {{ ref('int_revenue_lines') }} as lines
    where
        lines.is_over_months
        {{ and_touched('lines.customer_id', 'billing_invoice_lines.customer_id') }}

),

lines_over_months as (

    select
        *,
        {{ add_months('first_month', 'month') }} as revenue_month,
        {{ days_between('service_from', 'service_to') }} as service_days
    from numbered_lines

),

shares as (

    select
        *,
        {{ days_between(
            'greatest(service_from, revenue_month)',
            'least(service_to, ' ~ add_months('revenue_month', 1) ~ ')'
        ) }} as days_in_month,
        {{ add_months('revenue_month', 1) }} >= service_to as is_last_month
    from lines_over_months

),

{# A line of whole cents in whole cents, any other to the six places that amounts keep: a double
   holds either exactly, so that half a cent rounds up, and not as 0.505 happens to be stored. #}
rounded_shares as (

    select
        *,
        {% for amount in ['amount', 'reporting_amount'] -%}
        {% set wide = 'cast(' ~ amount ~ ' as decimal(28, 6))' -%}
        cast(
            case
                when {{ amount }} = round({{ amount }}, 2)
                    then
                        round(cast({{ wide }} * 100 as double) * days_in_month / service_days, 0)
                        / 100
                else
                    round(cast({{ wide }} * 1000000 as double) * days_in_month / service_days, 0)
                    / 1000000
            end as decimal(28, 6)
        ) as rounded_{{ amount }}{{ ',' if not loop.last }}
        {% endfor %}
    from shares

)

select
    invoice_line_id,
    customer_id,
    currency,
    line_kind,
    invoiced_on,
    revenue_month,
    {% for amount, digits in [('amount', 18), ('reporting_amount', 28)] -%}
    cast(
        case
            when is_last_month
                then {{ amount }} + rounded_{{ amount }}
                    - sum(rounded_{{ amount }}) over (partition by invoice_line_id)
            else rounded_{{ amount }}
        end as decimal({{ digits }}, 6)
    ) as {{ amount }}{{ ',' if not loop.last }}
    {% endfor %}
from rounded_shares
