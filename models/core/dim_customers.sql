with

clock as (

    select
        as_of,
        last_complete_month
    from {{ ref('int_run_clock') }}

),

last_spells as (

    select
        customer_id,
        churned_on,
        churn_reason,
        row_number() over (partition by customer_id order by spell_number desc) as from_the_end
    from {{ ref('int_customer_spells') }}

),

latest_revenue as (

    select
        revenue.customer_id,
        sum(revenue.net_revenue) as net_revenue
    from {{ ref('fct_customer_revenue_monthly') }} as revenue
    cross join clock
    where
        revenue.revenue_month <= clock.last_complete_month
        and revenue.revenue_month
        > {{ add_months('clock.last_complete_month', -var('baseline_months')) }}
    group by revenue.customer_id

),

baselines as (

    select
        profiles.customer_id,
        case
            when profiles.first_revenue_month <= clock.last_complete_month
                then coalesce(cast(latest_revenue.net_revenue as double), 0)
                    / least(
                        {{ var('baseline_months') }},
                        {{ month_number('clock.last_complete_month') }}
                        - {{ month_number('profiles.first_revenue_month') }} + 1
                    )
        end as monthly_baseline_revenue
    from {{ ref('int_customer_profiles') }} as profiles
    cross join clock
    left join latest_revenue
        on profiles.customer_id = latest_revenue.customer_id

),

ranked_answers as (

    select
        customer_id,
        category,
        responded_at,
        row_number() over (
            partition by customer_id order by responded_at desc, response_id desc
        ) as from_the_end
    from {{ ref('fct_survey_responses') }}
    where customer_id is not null and is_nps

)

select
    profiles.customer_id,
    profiles.client_id,
    profiles.customer_type,
    profiles.industry,
    profiles.region,
    profiles.plan_tier,
    profiles.acquired_on,
    profiles.acquisition_source,
    profiles.referred_by_customer_id,
    profiles.customer_since,
    coalesce(last_spells.customer_id is not null and last_spells.churned_on is null, false)
        as is_active,
    last_spells.churned_on,
    last_spells.churn_reason,
    cast(round(baselines.monthly_baseline_revenue, 2) as decimal(18, 2))
        as monthly_baseline_revenue,
    {{ tenure_band('profiles.customer_since', 'clock.as_of') }} as tenure_band,
    {{ revenue_band('baselines.monthly_baseline_revenue', 'limits') }} as revenue_band,
    ranked_answers.category as latest_category,
    ranked_answers.responded_at as latest_responded_at,
    {{ reporting_currency() }} as currency
from {{ ref('int_customer_profiles') }} as profiles
cross join clock
left join last_spells
    on
        profiles.customer_id = last_spells.customer_id
        and last_spells.from_the_end = 1
left join baselines
    on profiles.customer_id = baselines.customer_id
left join ranked_answers
    on
        profiles.customer_id = ranked_answers.customer_id
        and ranked_answers.from_the_end = 1
left join {{ ref('int_revenue_band_limits') }} as limits
    on
        profiles.client_id = limits.client_id
        and profiles.customer_type = limits.customer_type
