{# Slopes summed over the horizon, per unit of monthly baseline revenue, with their standard errors.
   #}
with

sums as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        max(case when k = 1 then customers end) as customers,
        max(observed_months) as observed_months,
        sum(weight * slope) as total,
        sum(discounted_weight * slope) as discounted,
        {# Where nobody is left there is nobody whom staying would bring revenue. #}
        sum(weight * retention_slope * coalesce(revenue_of_retained, 0.0)) as churn,
        sum(case when is_in_horizon then slope end) as observed_total,
        max(case when k = 0 then slope end) as placebo,
        max(case when k = 0 then customers end) as placebo_customers,
        max(case when k = 1 then strata end) as strata,
        {# What chance makes of the spread of the answers, per unit of an answer's own. #}
        max(case when k = 1 then {{ safe_ratio('baseline_per_answer', 'spread') }} end)
            as chance_in_spread,
        min(case when is_in_horizon and slope is null then 0 else 1 end) = 1 as is_defined
    from {{ ref('int_point_slopes') }}
    group by segment_dimension, segment_value, adjustment

)

select
    sums.segment_dimension,
    sums.segment_value,
    sums.adjustment,
    sums.customers,
    sums.strata,
    sums.observed_months,
    sums.total,
    sqrt(influence.total_variance) as total_standard_error,
    sums.discounted,
    sqrt(influence.discounted_variance) as discounted_standard_error,
    sums.churn,
    sqrt(influence.churn_variance) as churn_standard_error,
    sums.total - sums.churn as wallet,
    sqrt(influence.wallet_variance) as wallet_standard_error,
    {# Of the two parts by size: where their signs differ, a part of the sum has no meaning. #}
    {{ safe_ratio(
        'abs(sums.total - sums.observed_total)',
        'abs(sums.total - sums.observed_total) + abs(sums.observed_total)'
    ) }} as projected_share,
    case
        when sums.placebo_customers >= {{ var('minimum_responses') }}
            then {{ safe_ratio('sums.placebo', 'sqrt(influence.placebo_variance)') }}
    end as placebo_z,
    case
        when sums.placebo_customers >= {{ var('minimum_responses') }}
            then {{ safe_ratio('sums.placebo * ' ~ var('horizon_months'), 'sums.total') }}
    end as placebo_share,
    coalesce(errors.pairs, 0) as retest_pairs,
    case
        when errors.pairs >= {{ var('minimum_responses') }}
            then greatest(0.0, 1 - errors.error_variance * sums.chance_in_spread)
    end as reliability,
    case
        when errors.pairs >= {{ var('minimum_responses') }}
            then errors.standard_error * sums.chance_in_spread
    end as reliability_standard_error,
    sums.is_defined
    and sums.observed_months >= 3
    and sums.customers >= {{ var('minimum_responses') }} as is_reportable
from sums
left join {{ ref('int_point_influence') }} as influence
    on
        sums.segment_dimension = influence.segment_dimension
        and sums.segment_value = influence.segment_value
        and sums.adjustment = influence.adjustment
left join {{ ref('int_answer_errors') }} as errors
    on
        sums.segment_dimension = errors.segment_dimension
        and sums.segment_value = errors.segment_value
