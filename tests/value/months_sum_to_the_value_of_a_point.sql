-- The slopes of the months, times the baseline revenue, are the value of a point.
with

sums as (

    select
        segment_dimension,
        segment_value,
        sum(slope) as slope,
        count(*) as months
    from {{ ref('revenue_per_point_by_month') }}
    group by segment_dimension, segment_value

),

point_values as (

    select
        segment_dimension,
        segment_value,
        revenue_per_point,
        share_of_annual_revenue,
        horizon_months
    from {{ ref('revenue_per_point') }}
    where adjustment = 'adjusted' and base = 'active_customers' and is_reportable

)

select
    point_values.segment_dimension,
    point_values.segment_value,
    point_values.horizon_months,
    sums.months,
    12 * point_values.share_of_annual_revenue as value_per_baseline,
    sums.slope as sum_of_slopes
from point_values
left join sums
    on
        point_values.segment_dimension = sums.segment_dimension
        and point_values.segment_value = sums.segment_value
where
    sums.months is distinct from point_values.horizon_months
    or not coalesce(
        abs(sums.slope - 12 * point_values.share_of_annual_revenue)
        <= 1e-9 * greatest(abs(sums.slope), 1e-3),
        false
    )
