-- The revenue of a month is the same in the core mart, which rounds each month of each customer
-- to the cent, in the recognised lines and in the reconciliation, which rounds each currency.
with

by_month as (

    select
        revenue_month,
        net_revenue as core,
        0 as recognised,
        0 as reconciled,
        1 as customers,
        0 as currencies
    from {{ ref('fct_customer_revenue_monthly') }}

    union all

    select
        revenue_month,
        0 as core,
        reporting_amount as recognised,
        0 as reconciled,
        0 as customers,
        0 as currencies
    from {{ ref('int_revenue_recognised_summed') }}

    union all

    select
        month as revenue_month,
        0 as core,
        0 as recognised,
        recognised_in_reporting_currency as reconciled,
        0 as customers,
        1 as currencies
    from {{ ref('revenue_reconciliation') }}

)

select
    revenue_month,
    sum(core) as core,
    sum(recognised) as recognised,
    sum(reconciled) as reconciled
from by_month
group by revenue_month
having
    abs(sum(core) - sum(recognised)) > 0.005 * sum(customers)
    or abs(sum(reconciled) - sum(recognised)) > 0.005 * sum(currencies)
