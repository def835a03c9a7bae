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
        sum(recognised.reporting_amount) as net_revenue,
        sum(
            case when recognised.line_kind = 'recurring' then recognised.reporting_amount else 0 end
        ) as recurring,
        sum(
            case
                when recognised.currency = {{ reporting_currency() }} then recognised.amount
                else cast(
                    round(recognised.amount * rates.latest_rate_to_reporting, 2) as decimal(18, 2)
                )
            end
        ) as net_revenue_constant_currency
    from {{ ref('int_revenue_recognised') }} as recognised
    inner join {{ ref('int_exchange_rates_ranged') }} as rates
        on
            recognised.currency = rates.currency
            and rates.valid_to is null
            {{ and_touched('recognised.customer_id', 'billing_invoice_lines.customer_id') }}
    group by recognised.customer_id, recognised.revenue_month

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
    from revenue

),

{# The month after the last one billed carries the churn of what recurred; it has no revenue itself.
   So a customer's month stands once, or twice where the next one is that churn. #}
months as (

    select
        with_neighbours.customer_id,
        {{ add_months('with_neighbours.revenue_month', 'spine.number') }} as revenue_month,
        case when spine.number = 0 then with_neighbours.net_revenue else 0 end as net_revenue,
        case when spine.number = 0 then with_neighbours.recurring else 0 end as recurring,
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
    cast(recurring - opening_recurring as decimal(18, 2)) as movement,
    case
        when opening_recurring = recurring then 'none'
        when opening_recurring = 0 and was_recurring_before then 'reactivation'
        when opening_recurring = 0 then 'new'
        when recurring = 0 then 'churn'
        when recurring > opening_recurring then 'expansion'
        else 'contraction'
    end as movement_kind
from months
