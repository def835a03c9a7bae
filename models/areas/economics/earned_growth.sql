{# Years of twelve complete months, the last one ending with the last complete month. #}
with

years as (

    select
        spine.number as years_ago,
        {{ add_months('clock.last_complete_month', '-12 * spine.number') }} as year_ends_in,
        {{ month_number('clock.last_complete_month') }} - 12 * spine.number as last_month
    from {{ ref('int_run_clock') }} as clock
    cross join {{ number_spine(20) }} as spine

),

customer_years as (

    select
        revenue.customer_id,
        cast(
            floor(
                cast(
                    {{ month_number('clock.last_complete_month') }}
                    - {{ month_number('revenue.revenue_month') }} as double
                ) / 12
            ) as int
        ) as years_ago,
        sum(revenue.net_revenue) as revenue
    from {{ ref('fct_customer_revenue_monthly') }} as revenue
    cross join {{ ref('int_run_clock') }} as clock
    where revenue.revenue_month <= clock.last_complete_month
    group by
        revenue.customer_id,
        cast(
            floor(
                cast(
                    {{ month_number('clock.last_complete_month') }}
                    - {{ month_number('revenue.revenue_month') }} as double
                ) / 12
            ) as int
        )

),

{# Only years that the landing knows whole, and the one before. #}
known_years as (

    select
        {{ month_number('clock.last_complete_month') }}
        - {{ month_number('min(revenue.revenue_month)') }} + 1 as months
    from {{ ref('fct_customer_revenue_monthly') }} as revenue
    cross join {{ ref('int_run_clock') }} as clock
    where revenue.revenue_month <= clock.last_complete_month
    group by clock.last_complete_month

),

both_years as (

    select
        customer_id,
        years_ago,
        revenue as revenue_now,
        cast(0 as decimal(18, 2)) as revenue_before
    from customer_years

    union all

    select
        customer_id,
        years_ago - 1 as years_ago,
        cast(0 as decimal(18, 2)) as revenue_now,
        revenue as revenue_before
    from customer_years
    where years_ago > 0

),

customers as (

    select
        both_years.customer_id,
        both_years.years_ago,
        sum(both_years.revenue_now) as revenue_now,
        sum(both_years.revenue_before) as revenue_before
    from both_years
    group by both_years.customer_id, both_years.years_ago

),

{# A customer without revenue a year before is new, or has come back if it was one before that. #}
described as (

    select
        customers.*,
        profiles.customer_cell,
        case
            when customers.revenue_before > 0 then 'kept'
            when
                {{ month_number('profiles.customer_since') }}
                <= years.last_month - 24
                then 'returned'
            when profiles.referred_by_customer_id is not null then 'earned'
            else coalesce(sources.origin, 'unknown')
        end as origin
    from customers
    inner join years
        on customers.years_ago = years.years_ago
    inner join known_years
        on 12 * (customers.years_ago + 2) <= known_years.months
    inner join {{ ref('int_customer_profiles') }} as profiles
        on customers.customer_id = profiles.customer_id
    left join {{ ref('acquisition_sources') }} as sources
        on {{ spelling('profiles.acquisition_source') }} = sources.spelling

),

cells as (

    select
        customer_cell,
        years_ago,
        origin,
        count(case when origin <> 'kept' and revenue_now > 0 then 1 end) as new_customers,
        count(case when origin = 'kept' then 1 end) as customers_before,
        sum(revenue_now) as revenue_now,
        sum(revenue_before) as revenue_before
    from described
    group by customer_cell, years_ago, origin

),

by_segments as (

    {{ by_segment(
        'cells',
        [
            'years_ago', 'origin', 'new_customers', 'customers_before', 'revenue_now',
            'revenue_before',
        ],
        of=['customer']
    ) }}

),

totals as (

    select
        years.year_ends_in,
        by_segments.segment_dimension,
        by_segments.segment_value,
        sum(by_segments.customers_before) as customers_before,
        sum(by_segments.new_customers) as new_customers,
        sum(by_segments.revenue_before) as revenue_before,
        sum(by_segments.revenue_now) as revenue_now,
        {% for origin in ['kept', 'returned', 'earned', 'bought', 'unknown'] -%}
        sum(case when by_segments.origin = '{{ origin }}' then by_segments.revenue_now else 0 end)
            as {{ origin }}_revenue{{ ',' if not loop.last }}
        {% endfor %}
    from by_segments
    inner join years
        on by_segments.years_ago = years.years_ago
    group by years.year_ends_in, by_segments.segment_dimension, by_segments.segment_value

),

judged as (

    select
        *,
        revenue_before > 0 and customers_before >= {{ var('minimum_responses') }} as is_reportable
    from totals

),

growth as (

    select
        *,
        {{ when_reportable(safe_ratio('kept_revenue', 'revenue_before')) }}
            as net_revenue_retention,
        {{ when_reportable(safe_ratio('revenue_now - revenue_before', 'revenue_before')) }}
            as revenue_growth,
        {{ when_reportable(
            safe_ratio('kept_revenue + earned_revenue - revenue_before', 'revenue_before')
        ) }} as earned_growth,
        {{ when_reportable(
            safe_ratio(
                'kept_revenue + earned_revenue + unknown_revenue - revenue_before', 'revenue_before'
            )
        ) }} as if_unknown_is_earned
    from judged

)

select
    year_ends_in,
    segment_dimension,
    segment_value,
    cast(customers_before as bigint) as customers_before,
    cast(new_customers as bigint) as new_customers,
    cast(revenue_before as decimal(18, 2)) as revenue_before,
    cast(revenue_now as decimal(18, 2)) as revenue_now,
    cast(kept_revenue as decimal(18, 2)) as kept_revenue,
    cast(earned_revenue as decimal(18, 2)) as earned_revenue,
    cast(bought_revenue as decimal(18, 2)) as bought_revenue,
    cast(unknown_revenue as decimal(18, 2)) as unknown_revenue,
    cast(returned_revenue as decimal(18, 2)) as returned_revenue,
    net_revenue_retention,
    revenue_growth,
    earned_growth,
    {# What is unknown may be less than nothing: credit notes of customers with nothing else. #}
    least(earned_growth, if_unknown_is_earned) as lower,
    greatest(earned_growth, if_unknown_is_earned) as upper,
    case when revenue_growth > 0 then {{ safe_ratio('earned_growth', 'revenue_growth') }} end
        as earned_share_of_growth,
    case
        when revenue_growth > 0 then {{ safe_ratio('if_unknown_is_earned', 'revenue_growth') }}
    end as earned_share_of_growth_if_unknown_is_earned,
    'descriptive' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from growth
