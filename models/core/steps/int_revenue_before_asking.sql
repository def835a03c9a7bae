{# What a customer was worth before the month in which it was asked, answered or assigned to a
   campaign: the baseline over the last complete months (never fewer than one) and what of it recurs,
   the twelve months before, and the baseline of a year earlier. #}
with

occasions as (

    select
        customer_id,
        {{ month_of('responded_at') }} as asked_month,
        1 as is_question
    from {{ ref('stg_survey__responses') }}
    where customer_id is not null

    union all

    select
        customer_id,
        {{ month_of('sent_at') }} as asked_month,
        1 as is_question
    from {{ ref('stg_survey__invitations') }}
    where customer_id is not null

    union all

    select
        customer_id,
        {{ month_of('assigned_on') }} as asked_month,
        0 as is_question
    from {{ ref('stg_campaigns__assignments') }}

),

asked_months as (

    select
        customer_id,
        asked_month,
        max(is_question) = 1 as is_question
    from occasions
    group by customer_id, asked_month

),

months_known as (

    select
        asked_months.customer_id,
        asked_months.asked_month,
        asked_months.is_question,
        {{ month_number('asked_months.asked_month') }}
        - {{ month_number('profiles.first_revenue_month') }} as months_of_history
    from asked_months
    inner join {{ ref('int_customer_profiles') }} as profiles
        on asked_months.customer_id = profiles.customer_id

),

revenue as (

    select
        customer_id,
        revenue_month,
        net_revenue,
        recurring
    from {{ ref('fct_customer_revenue_monthly') }}

),

sums as (

    select
        months_known.customer_id,
        months_known.asked_month,
        months_known.is_question,
        months_known.months_of_history,
        sum(
            case
                when
                    revenue.revenue_month
                    >= {{ add_months('months_known.asked_month', -var('baseline_months')) }}
                    then revenue.net_revenue
            end
        ) as baseline_sum,
        sum(
            case
                when
                    revenue.revenue_month
                    >= {{ add_months('months_known.asked_month', -var('baseline_months')) }}
                    then revenue.recurring
            end
        ) as recurring_sum,
        sum(
            case
                when revenue.revenue_month >= {{ add_months('months_known.asked_month', -12) }}
                    then revenue.net_revenue
            end
        ) as trailing_revenue,
        sum(
            case
                when revenue.revenue_month < {{ add_months('months_known.asked_month', -12) }}
                    then revenue.net_revenue
            end
        ) as earlier_sum
    from months_known
    left join revenue
        on
            months_known.customer_id = revenue.customer_id
            and revenue.revenue_month < months_known.asked_month
            and revenue.revenue_month
            >= {{ add_months('months_known.asked_month', -12 - var('baseline_months')) }}
    group by
        months_known.customer_id,
        months_known.asked_month,
        months_known.is_question,
        months_known.months_of_history

)

select
    customer_id,
    asked_month,
    is_question,
    case
        when months_of_history >= 1
            then coalesce(cast(baseline_sum as double), 0)
                / least({{ var('baseline_months') }}, months_of_history)
    end as monthly_baseline_revenue,
    case
        when months_of_history >= 1
            then coalesce(cast(recurring_sum as double), 0)
                / least({{ var('baseline_months') }}, months_of_history)
    end as monthly_recurring_revenue,
    cast(trailing_revenue as double) as trailing_revenue,
    case
        when months_of_history >= 12 + {{ var('baseline_months') }}
            then coalesce(cast(earlier_sum as double), 0) / {{ var('baseline_months') }}
    end as monthly_revenue_a_year_earlier
from sums
