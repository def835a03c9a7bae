with

retention as (

    select
        cohort_kind,
        cohort,
        months_since,
        cast(sum(customers) as bigint) as customers,
        cast(sum(retained) as bigint) as retained,
        sum(opening_revenue) as opening_revenue
    from {{ ref('int_cohort_retention') }}
    group by cohort_kind, cohort, months_since

),

revenue as (

    select
        members.cohort_kind,
        members.cohort,
        {{ month_number('revenue.revenue_month') }} - {{ month_number('members.cohort_month') }}
            as months_since,
        sum(revenue.net_revenue) as retained_revenue_net,
        sum(greatest(0, least(revenue.net_revenue, members.opening_revenue)))
            as retained_revenue_gross
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('fct_customer_revenue_monthly') }} as revenue
        on
            members.customer_id = revenue.customer_id
            and members.cohort_month <= revenue.revenue_month
    cross join {{ ref('int_run_clock') }} as clock
    where revenue.revenue_month <= clock.last_complete_month
    group by
        members.cohort_kind,
        members.cohort,
        {{ month_number('revenue.revenue_month') }} - {{ month_number('members.cohort_month') }}

),

rates as (

    select
        retention.*,
        coalesce(revenue.retained_revenue_gross, 0) as retained_revenue_gross,
        coalesce(revenue.retained_revenue_net, 0) as retained_revenue_net,
        retention.customers >= {{ var('minimum_responses') }} as is_reportable
    from retention
    left join revenue
        on
            retention.cohort_kind = revenue.cohort_kind
            and retention.cohort = revenue.cohort
            and retention.months_since = revenue.months_since

)

select
    cohort_kind,
    cohort,
    cast(months_since as int) as months_since,
    customers,
    retained,
    {{ when_reportable(safe_ratio('retained', 'customers')) }} as retention_rate,
    {{ when_reportable(wilson_bound('retained', 'customers', '-')) }} as lower,
    {{ when_reportable(wilson_bound('retained', 'customers', '+')) }} as upper,
    cast(opening_revenue as decimal(18, 2)) as opening_revenue,
    cast(retained_revenue_gross as decimal(18, 2)) as retained_revenue_gross,
    cast(retained_revenue_net as decimal(18, 2)) as retained_revenue_net,
    {{ when_reportable(safe_ratio('retained_revenue_gross', 'opening_revenue')) }}
        as gross_revenue_retention,
    {{ when_reportable(safe_ratio('retained_revenue_net', 'opening_revenue')) }}
        as net_revenue_retention,
    'descriptive' as evidence,
    is_reportable,
    case when cohort_kind = 'acquisition_month' then try_cast(cohort as date) end as cohort_month,
    case when cohort_kind = 'first_category' then cohort end as cohort_category,
    {{ reporting_currency() }} as currency
from rates
