{# Lines whose service reaches over several months, spread by day; the rounding remainder is on the
   last month, so that the months of a line sum to the line to the cent. #}
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

{# In whole cents, which a double holds exactly: half a cent then rounds up, and not as 0.505
   happens to be stored. #}
rounded_shares as (

    select
        *,
        cast(
            round(cast(amount * 100 as double) * days_in_month / service_days, 0) / 100
            as decimal(18, 2)
        ) as rounded_amount,
        cast(
            round(cast(reporting_amount * 100 as double) * days_in_month / service_days, 0) / 100
            as decimal(18, 2)
        ) as rounded_reporting_amount
    from shares

)

select
    invoice_line_id,
    customer_id,
    currency,
    line_kind,
    invoiced_on,
    revenue_month,
    case
        when is_last_month
            then amount + rounded_amount - sum(rounded_amount) over (partition by invoice_line_id)
        else rounded_amount
    end as amount,
    case
        when is_last_month
            then reporting_amount + rounded_reporting_amount
                - sum(rounded_reporting_amount) over (partition by invoice_line_id)
        else rounded_reporting_amount
    end as reporting_amount
from rounded_shares
