with

estimates as (

    select *
    from {{ ref('int_point_estimates') }}

),

point_values as (

    select
        estimates.*,
        bases.base,
        bases.monthly_baseline_revenue,
        without_largest.total as without_largest,
        without_largest.total_standard_error as without_largest_error,
        coalesce(without_largest.is_reportable, false) as is_known_without_largest,
        coalesce(within.customers, 0) as within_customers,
        within.total as within_customer,
        within.total_standard_error as within_customer_error,
        coalesce(within.is_reportable, false) as is_known_within,
        coalesce(wallets.customers, 0) as wallet_customers,
        coalesce(wallets.customers, 0) >= {{ var('minimum_responses') }} as is_wallet_known,
        wallets.share_before,
        wallets.share_after,
        case
            when
                estimates.reliability > {{ z95() }} * estimates.reliability_standard_error
                then estimates.total / estimates.reliability
        end as experience_shift,
        case
            when
                estimates.reliability > {{ z95() }} * estimates.reliability_standard_error
                then sqrt(
                    power(estimates.total_standard_error, 2)
                    + power(
                        estimates.total * estimates.reliability_standard_error
                        / estimates.reliability,
                        2
                    )
                ) / estimates.reliability
        end as experience_shift_error
    from estimates
    inner join {{ ref('int_point_bases') }} as bases
        on
            estimates.segment_dimension = bases.segment_dimension
            and estimates.segment_value = bases.segment_value
    left join estimates as without_largest
        on
            estimates.segment_dimension = without_largest.segment_dimension
            and estimates.segment_value = without_largest.segment_value
            and estimates.adjustment = 'adjusted'
            and without_largest.adjustment = 'without_top_ten'
    left join estimates as within
        on
            estimates.segment_dimension = within.segment_dimension
            and estimates.segment_value = within.segment_value
            and estimates.adjustment = 'adjusted'
            and within.adjustment = 'within_customer'
    left join {{ ref('int_wallet_shares') }} as wallets
        on
            estimates.segment_dimension = wallets.segment_dimension
            and estimates.segment_value = wallets.segment_value
    where estimates.adjustment in ('adjusted', 'unadjusted')

),

{# Money is rounded once, here: the bounds are those of the rounded value. #}
in_money as (

    select
        *,
        {{ point_value('total') }} as revenue_per_point,
        {{ point_value('total_standard_error') }} as standard_error,
        {{ point_margin('total_standard_error') }} as margin,
        {{ point_value('churn') }} as churn_component,
        {{ point_margin('churn_standard_error') }} as churn_margin,
        {{ point_margin('wallet_standard_error') }} as wallet_margin,
        {{ point_value('discounted') }} as discounted_revenue_per_point,
        {{ point_margin('discounted_standard_error') }} as discounted_margin,
        {{ point_value('without_largest', 'is_known_without_largest') }} as without_top_ten,
        {{ point_margin('without_largest_error', 'is_known_without_largest') }}
            as without_top_ten_margin,
        {{ point_value('within_customer', 'is_known_within') }}
            as within_customer_revenue_per_point,
        {{ point_margin('within_customer_error', 'is_known_within') }} as within_customer_margin,
        {{ point_value('experience_shift') }} as experience_shift_value,
        {{ point_margin('experience_shift_error') }} as experience_shift_margin
    from point_values

),

{# What is left of the whole is the wallet's, to the cent. #}
split as (

    select
        *,
        revenue_per_point - churn_component as wallet_component,
        sum(revenue_per_point) over (partition by segment_dimension, adjustment, base)
            as sum_over_segments,
        sum(case when revenue_per_point is not null then monthly_baseline_revenue end) over (
            partition by segment_dimension, adjustment, base
        ) as base_in_segments,
        max(case when segment_dimension = 'all' then revenue_per_point end) over (
            partition by adjustment, base
        ) as value_of_all,
        max(case when segment_dimension = 'all' then monthly_baseline_revenue end) over (
            partition by adjustment, base
        ) as base_of_all
    from in_money

)

select
    segment_dimension,
    segment_value,
    adjustment,
    base,
    cast(coalesce(customers, 0) as bigint) as customers,
    {{ var('horizon_months') }} as horizon_months,
    cast(observed_months as int) as observed_months,
    {{ when_reportable('projected_share') }} as projected_share,
    {{ money('monthly_baseline_revenue') }} as monthly_baseline_revenue,
    revenue_per_point,
    standard_error,
    {{ bounds('revenue_per_point', 'margin', 'lower', 'upper') }},
    churn_component,
    {{ bounds('churn_component', 'churn_margin') }},
    cast(wallet_component as decimal(18, 2)) as wallet_component,
    {{ bounds('wallet_component', 'wallet_margin') }},
    case when is_wallet_known then 'share_of_wallet' else 'spend_per_retained_customer' end
        as wallet_component_is,
    cast(wallet_customers as bigint) as wallet_customers,
    case when is_wallet_known then share_before end as share_of_wallet_before,
    case when is_wallet_known then share_after end as share_of_wallet_after,
    discounted_revenue_per_point,
    {{ bounds(
        'discounted_revenue_per_point', 'discounted_margin', 'discounted_lower', 'discounted_upper'
    ) }},
    cast({{ var('discount_rate') }} as double) as discount_rate,
    {{ when_reportable('total / 12') }} as share_of_annual_revenue,
    {{ when_reportable('placebo_z') }} as placebo_z,
    {{ when_reportable(is_placebo_clean('placebo_z', 'placebo_share')) }} as is_placebo_clean,
    {{ when_reportable('placebo_share') }} as placebo_share,
    cast(within_customers as bigint) as within_customers,
    within_customer_revenue_per_point,
    {{ bounds(
        'within_customer_revenue_per_point',
        'within_customer_margin',
        'within_customer_lower',
        'within_customer_upper'
    ) }},
    without_top_ten,
    {{ bounds('without_top_ten', 'without_top_ten_margin') }},
    retest_pairs,
    {{ when_reportable('reliability') }} as reliability,
    {{ when_reportable(as_share('reliability - ' ~ z95() ~ ' * reliability_standard_error')) }}
        as reliability_lower,
    {{ when_reportable(as_share('reliability + ' ~ z95() ~ ' * reliability_standard_error')) }}
        as reliability_upper,
    experience_shift_value,
    {{ bounds('experience_shift_value', 'experience_shift_margin') }},
    cast(sum_over_segments as decimal(18, 2)) as sum_over_segments,
    cast(sum_over_segments - value_of_all as decimal(18, 2)) as sum_over_segments_less_all,
    {{ as_share(safe_ratio('base_in_segments', 'base_of_all')) }} as base_in_segments,
    case when adjustment = 'adjusted' then 'adjusted' else 'descriptive' end as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from split
