{# Accepted lines that are revenue, in reporting currency too, with the month in which their service
   begins (without a service period: the month of the invoice). #}
{{ config(materialized='view') }}

with

{# One rate per currency and invoice day, so that lines are joined by equality. #}
invoice_days as (

    select distinct
        currency,
        invoiced_on
    from {{ ref('stg_billing__invoice_lines') }}

),

daily_rates as (

    select
        invoice_days.currency,
        invoice_days.invoiced_on,
        rates.rate_to_reporting
    from invoice_days
    inner join {{ ref('int_exchange_rates_ranged') }} as rates
        on
            invoice_days.currency = rates.currency
            and invoice_days.invoiced_on >= rates.valid_from
            and invoice_days.invoiced_on < {{ open_ended('rates.valid_to') }}

),

lines as (

    select
        invoice_line_id,
        customer_id,
        currency,
        line_kind,
        amount,
        invoiced_on,
        case when service_to > service_from then service_from end as service_from,
        case when service_to > service_from then service_to end as service_to,
        {{ month_of('case when service_to > service_from then service_from else invoiced_on end') }}
            as first_month
    from {{ ref('stg_billing__invoice_lines') }}
    where line_kind not in ({{ non_revenue_line_kinds() }})

)

select
    lines.invoice_line_id,
    lines.customer_id,
    lines.currency,
    lines.line_kind,
    lines.amount,
    case
        when lines.currency = {{ reporting_currency() }} then cast(lines.amount as decimal(28, 6))
        else {{ converted('lines.amount', 'daily_rates.rate_to_reporting') }}
    end as reporting_amount,
    lines.invoiced_on,
    lines.service_from,
    lines.service_to,
    lines.first_month,
    coalesce(lines.service_to > {{ add_months('lines.first_month', 1) }}, false) as is_over_months
from lines
inner join daily_rates
    on
        lines.currency = daily_rates.currency
        and lines.invoiced_on = daily_rates.invoiced_on
