{# Recurring revenue of complete months by cell of customers: what moved, and what is left of a year
   before. An erased customer has no cell any more, and its revenue stays. #}
with

months as (

    select
        revenue.customer_id,
        revenue.revenue_month,
        revenue.opening_recurring,
        revenue.recurring,
        revenue.movement,
        revenue.movement_kind
    from {{ ref('fct_customer_revenue_monthly') }} as revenue
    cross join {{ ref('int_run_clock') }} as clock
    where revenue.revenue_month <= clock.last_complete_month

),

{# A customer that stopped has no row a year after: its revenue then is 0. #}
year_after as (

    select
        before.customer_id,
        {{ add_months('before.revenue_month', 12) }} as revenue_month,
        before.recurring as recurring_before,
        coalesce(later.recurring, 0) as recurring_now
    from months as before
    left join months as later
        on
            before.customer_id = later.customer_id
            and {{ add_months('before.revenue_month', 12) }} = later.revenue_month
    where before.recurring > 0

),

amounts as (

    select
        customer_id,
        revenue_month,
        opening_recurring,
        recurring,
        movement,
        movement_kind,
        cast(0 as decimal(18, 2)) as recurring_before,
        cast(0 as decimal(18, 2)) as recurring_now
    from months

    union all

    select
        year_after.customer_id,
        year_after.revenue_month,
        0 as opening_recurring,
        0 as recurring,
        0 as movement,
        'none' as movement_kind,
        year_after.recurring_before,
        year_after.recurring_now
    from year_after
    cross join {{ ref('int_run_clock') }} as clock
    where year_after.revenue_month <= clock.last_complete_month

)

select
    amounts.revenue_month,
    profiles.customer_cell,
    sum(case when amounts.opening_recurring > 0 then 1 else 0 end) as customers_opening,
    sum(case when amounts.recurring > 0 then 1 else 0 end) as customers_closing,
    sum(amounts.opening_recurring) as opening,
    {% for kind in ['new', 'expansion', 'contraction', 'churn', 'reactivation'] -%}
    sum(case when amounts.movement_kind = '{{ kind }}' then amounts.movement else 0 end)
        as {{ kind }},
    {% endfor -%}
    sum(amounts.recurring) as closing,
    sum(amounts.recurring_before) as recurring_before,
    sum(amounts.recurring_now) as recurring_now,
    sum(least(amounts.recurring_now, amounts.recurring_before)) as recurring_kept
from amounts
left join {{ ref('int_customer_profiles') }} as profiles
    on amounts.customer_id = profiles.customer_id
group by amounts.revenue_month, profiles.customer_cell
