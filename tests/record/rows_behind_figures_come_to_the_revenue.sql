-- The rows kept for telling later what changed are those that were recognised.
with

amounts as (

    select
        period_start as month,
        part as currency,
        value_in_currency as kept,
        0 as recognised
    from {{ ref('int_figure_rows') }}
    where figure = 'recognised_revenue'

    union all

    select
        month,
        currency,
        0 as kept,
        recognised_amount as recognised
    from {{ ref('revenue_reconciliation') }}

)

select
    month,
    currency,
    sum(kept) as kept,
    sum(recognised) as recognised
from amounts
group by month, currency
having {{ money('sum(kept)') }} <> sum(recognised)
