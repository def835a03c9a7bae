{# Net revenue by the month of service. Nearly every line lies within one month and is taken as it is;
   only the others are spread by day, the rounding remainder on their last month. #}
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
            and (invoice_days.invoiced_on < rates.valid_to or rates.valid_to is null)

),

revenue_lines as (

    select
        lines.invoice_line_id,
        lines.customer_id,
        lines.currency,
        lines.line_kind,
        lines.amount,
        case
            when lines.currency = '{{ var("reporting_currency") }}' then lines.amount
            else cast(round(lines.amount * daily_rates.rate_to_reporting, 2) as decimal(18, 2))
        end as reporting_amount,
        case when lines.service_to > lines.service_from then lines.service_from end as service_from,
        case when lines.service_to > lines.service_from then lines.service_to end as service_to,
        {{ month_of('case when lines.service_to > lines.service_from then lines.service_from else lines.invoiced_on end') }}
            as first_month
    from {{ ref('stg_billing__invoice_lines') }} as lines
    inner join daily_rates
        on
            lines.currency = daily_rates.currency
            and lines.invoiced_on = daily_rates.invoiced_on
    where lines.line_kind not in ({{ non_revenue_line_kinds() }})

),

lines_within_a_month as (

    select
        customer_id,
        currency,
        line_kind,
        first_month as revenue_month,
        amount,
        reporting_amount
    from revenue_lines
    where service_to is null or service_to <= {{ add_months('first_month', 1) }}

),

lines_over_months as (

    select
        lines.*,
        {{ add_months('lines.first_month', 'spine.number') }} as revenue_month,
        {{ days_between('lines.service_from', 'lines.service_to') }} as service_days
    from revenue_lines as lines
    inner join {{ number_spine(600) }} as spine
        on
            spine.number
            <= {{ month_number(add_days('lines.service_to', -1)) }} - {{ month_number('lines.first_month') }}
    where lines.service_to > {{ add_months('lines.first_month', 1) }}

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

rounded_shares as (

    select
        *,
        cast(round(cast(amount as double) * days_in_month / service_days, 2) as decimal(18, 2))
            as rounded_amount,
        cast(round(cast(reporting_amount as double) * days_in_month / service_days, 2) as decimal(18, 2))
            as rounded_reporting_amount
    from shares

),

spread_lines as (

    select
        customer_id,
        currency,
        line_kind,
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

),

recognised as (

    select * from lines_within_a_month

    union all

    select * from spread_lines

)

select
    customer_id,
    revenue_month,
    currency,
    cast(sum(amount) as decimal(18, 2)) as net_amount,
    cast(sum(reporting_amount) as decimal(18, 2)) as net_revenue,
    cast(sum(case when line_kind = 'recurring' then reporting_amount else 0 end) as decimal(18, 2))
        as recurring_revenue,
    cast(sum(case when line_kind = 'credit_note' then amount else 0 end) as decimal(18, 2))
        as credit_note_amount
from recognised
group by customer_id, revenue_month, currency
