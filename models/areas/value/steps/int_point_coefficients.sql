{# What a customer's residual of month k is measured against, by stratum: the stratum's fitted line
   for revenue and for retention, and the spread of the segment's contributions. Month 0 is the
   placebo. #}
with

stratum_means as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        stratum_number,
        k,
        sum(r) as stratum_baseline,
        {{ safe_ratio('sum(rx)', 'sum(r)') }} as mean_contribution,
        {{ safe_ratio('sum(y)', 'sum(r)') }} as mean_revenue,
        {{ safe_ratio('sum(ra)', 'sum(r)') }} as mean_retention
    from {{ ref('int_point_stratum_sums') }}
    group by segment_dimension, segment_value, adjustment, stratum_number, k

)

select
    means.segment_dimension,
    means.segment_value,
    means.adjustment,
    means.stratum_number,
    means.k,
    means.stratum_baseline,
    means.mean_contribution,
    means.mean_revenue - slopes.slope * means.mean_contribution as revenue_intercept,
    slopes.slope,
    means.mean_retention - slopes.retention_slope * means.mean_contribution as retention_intercept,
    slopes.retention_slope,
    slopes.retained_baseline,
    {# Where nobody is left, nobody brings anything, and no slope of staying is multiplied by it. #}
    coalesce(slopes.revenue_of_retained, 0.0) as revenue_of_retained,
    slopes.spread,
    slopes.weight,
    slopes.discounted_weight
from stratum_means as means
inner join {{ ref('int_point_slopes') }} as slopes
    on
        means.segment_dimension = slopes.segment_dimension
        and means.segment_value = slopes.segment_value
        and means.adjustment = slopes.adjustment
        and means.k = slopes.k
where slopes.slope is not null and (slopes.is_in_horizon or slopes.k = 0)
