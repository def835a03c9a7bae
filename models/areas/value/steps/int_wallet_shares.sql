{# The share of what customers spend with all suppliers, before their answer and in the year after
   it: of those still there after a year, with an estimate of their wallet before and one of that
   year. #}
with

estimates as (

    select
        wallets.customer_id,
        {{ month_of('wallets.as_of') }} as estimated_in,
        wallets.as_of,
        cast({{ converted('wallets.wallet_amount', 'rates.rate_to_reporting') }} as double)
            as wallet
    from {{ ref('stg_finance__wallet_estimates') }} as wallets
    inner join {{ ref('int_exchange_rates_ranged') }} as rates
        on
            wallets.currency = rates.currency
            and wallets.as_of >= rates.valid_from
            and wallets.as_of < {{ open_ended('rates.valid_to') }}
    where wallets.wallet_amount > 0

),

answers as (

    select
        index_number,
        customer_id,
        index_month,
        standing_cell,
        monthly_baseline_revenue
    from {{ ref('int_index_answers') }}
    where answer_number = 1

),

of_answers as (

    select
        answers.index_number,
        estimates.wallet,
        estimates.estimated_in > answers.index_month as is_after,
        row_number() over (
            partition by answers.index_number, estimates.estimated_in > answers.index_month
            order by estimates.as_of desc
        ) as from_the_end
    from answers
    inner join estimates
        on
            answers.customer_id = estimates.customer_id
            and {{ month_number('estimates.estimated_in') }}
            <= {{ month_number('answers.index_month') }} + 12

),

wallets as (

    select
        index_number,
        max(case when not is_after then wallet end) as wallet_before,
        max(case when is_after then wallet end) as wallet_after
    from of_answers
    where from_the_end = 1
    group by index_number

),

years as (

    select
        panel.index_number,
        sum(panel.revenue) as revenue
    from {{ ref('int_index_panel') }} as panel
    inner join wallets
        on panel.index_number = wallets.index_number
    where panel.k between 1 and 12
    group by panel.index_number
    having max(case when panel.k = 12 then panel.is_retained else 0 end) = 1

),

cells as (

    select
        answers.standing_cell,
        count(*) as customers,
        sum(12 * answers.monthly_baseline_revenue) as revenue_before,
        sum(wallets.wallet_before) as wallet_before,
        sum(years.revenue) as revenue_after,
        sum(wallets.wallet_after) as wallet_after
    from answers
    inner join wallets
        on answers.index_number = wallets.index_number
    inner join years
        on answers.index_number = years.index_number
    where wallets.wallet_before is not null and wallets.wallet_after is not null
    group by answers.standing_cell

),

by_segments as (

    {{ by_segment(
        'cells',
        ['customers', 'revenue_before', 'wallet_before', 'revenue_after', 'wallet_after'],
        of=['customer', 'standing']
    ) }}

)

select
    segment_dimension,
    segment_value,
    cast(sum(customers) as bigint) as customers,
    {{ safe_ratio('sum(revenue_before)', 'sum(wallet_before)') }} as share_before,
    {{ safe_ratio('sum(revenue_after)', 'sum(wallet_after)') }} as share_after
from by_segments
group by segment_dimension, segment_value
