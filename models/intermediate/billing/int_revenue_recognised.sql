{# Net revenue by the month of service. Nearly every line lies within one month and is taken as it is. #}
with

recognised as (

    select
        customer_id,
        currency,
        line_kind,
        first_month as revenue_month,
        amount,
        reporting_amount
    from {{ ref('int_revenue_lines') }}
    where not is_over_months

    union all

    select
        customer_id,
        currency,
        line_kind,
        revenue_month,
        amount,
        reporting_amount
    from {{ ref('int_revenue_lines_spread') }}

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
