{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ touch_customers_of_completed_months() }}",
        "{{ forget_touched('customer_id', 'billing_invoice_lines.customer_id') }}"
    ]
) }}

with

clock as (

    select last_complete_month
    from {{ ref('int_run_clock') }}

),

revenue as (

    select
        recognised.customer_id,
        recognised.revenue_month,
        {{ money_of_sum('sum(recognised.reporting_amount)') }} as net_revenue,
        {{ money_of_sum(
            "sum(case when recognised.line_kind = 'recurring' then recognised.reporting_amount else 0 end)"
        ) }} as recurring_billed,
        max(case when recognised.line_kind = 'recurring' then 1 else 0 end) as has_recurring,
        max(
            case when recognised.line_kind = 'recurring' and recognised.is_dated then 1 else 0 end
        ) as is_dated,
        {{ money_of_sum(
            'sum(case when recognised.currency = ' ~ reporting_currency() ~ ' then cast(recognised.amount as decimal(28, 6)) else '
            ~ converted('recognised.amount', 'rates.latest_rate_to_reporting') ~ ' end)'
        ) }} as net_revenue_constant_currency
    from {{ ref('int_revenue_recognised') }} as recognised
    inner join {{ ref('int_exchange_rates_ranged') }} as rates
        on
            recognised.currency = rates.currency
            and rates.valid_to is null
            {{ and_touched('recognised.customer_id', 'billing_invoice_lines.customer_id') }}
    group by recognised.customer_id, recognised.revenue_month

),

{# Who has a month that gives back as much as it charges, or charges for no known service: only
   theirs have to be looked at stretch by stretch, and they are few where lines say what period they
   are for. #}
corrected_customers as (

    select distinct customer_id
    from revenue
    where has_recurring = 1 and (recurring_billed <= 0 or is_dated = 0)

),

{# Months with a line that recurs, one after the other. #}
stretches as (

    select
        revenue.*,
        {{ month_number('revenue.revenue_month') }}
        - row_number() over (
            partition by revenue.customer_id, revenue.has_recurring
            order by revenue.revenue_month
        ) as stretch
    from revenue
    inner join corrected_customers
        on revenue.customer_id = corrected_customers.customer_id

),

charged as (

    select
        *,
        sum(case when recurring_billed > 0 then 1 else 0 end) over (
            partition by customer_id, has_recurring, stretch
            order by revenue_month
            rows between unbounded preceding and current row
        ) as charged_months,
        sum(case when recurring_billed > 0 then 1 else 0 end) over (
            partition by customer_id
            order by revenue_month
            rows between unbounded preceding and current row
        ) as charged_months_ever,
        sum(case when recurring_billed > 0 then 1 else 0 end) over (
            partition by customer_id, has_recurring, stretch
        ) as charged_months_of_stretch,
        max(is_dated) over (partition by customer_id, has_recurring, stretch) as is_dated_stretch,
        max(revenue_month) over (partition by customer_id, has_recurring, stretch)
            as stretch_ends_in
    from stretches

),

{# What recurs is what the month charges for it. A month that charges nothing, or gives back more,
   between two that charge is free or corrected: what recurred still does. So it is while the
   stretch is not known to be over. One charged month by itself after the end, of no known service,
   is a correction too. #}
corrected_levels as (

    select
        charged.customer_id,
        charged.revenue_month,
        charged.net_revenue,
        charged.net_revenue_constant_currency,
        charged.recurring_billed,
        case
            when charged.has_recurring = 0 or charged.charged_months = 0 then 0
            when
                charged.charged_months_of_stretch = 1
                and charged.charged_months_ever > charged.charged_months
                and charged.is_dated_stretch = 0
                and charged.stretch_ends_in < clock.last_complete_month
                then 0
            when charged.recurring_billed > 0 then charged.recurring_billed
            when
                charged.charged_months < charged.charged_months_of_stretch
                or charged.stretch_ends_in >= clock.last_complete_month
                then first_value(charged.recurring_billed) over (
                    partition by
                        charged.customer_id,
                        charged.has_recurring,
                        charged.stretch,
                        charged.charged_months
                    order by charged.revenue_month
                    rows between unbounded preceding and unbounded following
                )
            else 0
        end as recurring
    from charged
    cross join clock

),

levels as (

    select
        customer_id,
        revenue_month,
        net_revenue,
        net_revenue_constant_currency,
        recurring_billed,
        recurring
    from corrected_levels

    union all

    select
        revenue.customer_id,
        revenue.revenue_month,
        revenue.net_revenue,
        revenue.net_revenue_constant_currency,
        revenue.recurring_billed,
        case when revenue.has_recurring = 1 then revenue.recurring_billed else 0 end as recurring
    from revenue
    left join corrected_customers
        on revenue.customer_id = corrected_customers.customer_id
    where corrected_customers.customer_id is null

),

with_neighbours as (

    select
        *,
        lag(revenue_month) over (partition by customer_id order by revenue_month) as previous_month,
        lead(revenue_month) over (partition by customer_id order by revenue_month) as next_month,
        coalesce(
            max(case when recurring > 0 then 1 else 0 end) over (
                partition by customer_id
                order by revenue_month
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) = 1 as was_recurring_before,
        lag(recurring) over (partition by customer_id order by revenue_month) as previous_recurring
    from levels

),

{# The month after the last one billed carries the churn of what recurred; it has no revenue itself.
   So a customer's month stands once, or twice where the next one is that churn. #}
months as (

    select
        with_neighbours.customer_id,
        {{ add_months('with_neighbours.revenue_month', 'spine.number') }} as revenue_month,
        case when spine.number = 0 then with_neighbours.net_revenue else 0 end as net_revenue,
        case when spine.number = 0 then with_neighbours.recurring else 0 end as recurring,
        case when spine.number = 0 then with_neighbours.recurring_billed else 0 end
            as recurring_billed,
        case when spine.number = 0 then with_neighbours.net_revenue_constant_currency else 0 end
            as net_revenue_constant_currency,
        spine.number = 1 or with_neighbours.was_recurring_before as was_recurring_before,
        case
            when spine.number = 1 then with_neighbours.recurring
            when
                with_neighbours.previous_month
                = {{ add_months('with_neighbours.revenue_month', -1) }}
                then with_neighbours.previous_recurring
            else 0
        end as opening_recurring
    from with_neighbours
    cross join clock
    inner join {{ number_spine(2) }} as spine
        on
            spine.number = 0
            or (
                with_neighbours.recurring <> 0
                and with_neighbours.revenue_month < clock.last_complete_month
                and (
                    with_neighbours.next_month is null
                    or with_neighbours.next_month
                    > {{ add_months('with_neighbours.revenue_month', 1) }}
                )
            )

)

select
    customer_id,
    revenue_month,
    cast(net_revenue as decimal(18, 2)) as net_revenue,
    cast(net_revenue_constant_currency as decimal(18, 2)) as net_revenue_constant_currency,
    cast(opening_recurring as decimal(18, 2)) as opening_recurring,
    cast(recurring as decimal(18, 2)) as recurring,
    cast(recurring_billed - recurring as decimal(18, 2)) as recurring_corrections,
    cast(recurring - opening_recurring as decimal(18, 2)) as movement,
    case
        when opening_recurring = recurring then 'none'
        when opening_recurring = 0 and was_recurring_before then 'reactivation'
        when opening_recurring = 0 then 'new'
        when recurring = 0 then 'churn'
        when recurring > opening_recurring then 'expansion'
        else 'contraction'
    end as movement_kind,
    {{ reporting_currency() }} as currency
from months
