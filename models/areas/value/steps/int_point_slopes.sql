{# The slope of revenue (per baseline revenue) on the contribution, for each month after the answer,
   and the weight of the month in the sum over the horizon. Month 0 is the placebo. #}
with

strata as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        k,
        stratum_number,
        sum(n) as n,
        sum(r) as r,
        sum(rx) as rx,
        sum(rxx) as rxx,
        sum(y) as y,
        sum(xy) as xy,
        sum(ra) as ra,
        sum(rxa) as rxa,
        sum(ya) as ya
    from {{ ref('int_point_stratum_sums') }}
    group by segment_dimension, segment_value, adjustment, k, stratum_number

),

months as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        k,
        sum(n) as customers,
        sum(r) as baseline,
        sum(rxx - {{ safe_ratio('rx * rx', 'r') }}) as spread,
        sum(xy - {{ safe_ratio('rx * y', 'r') }}) as revenue_with_contribution,
        sum(rxa - {{ safe_ratio('rx * ra', 'r') }}) as retention_with_contribution,
        sum(ra) as retained_baseline,
        {{ safe_ratio('sum(ya)', 'sum(ra)') }} as revenue_of_retained,
        sum(n) >= {{ var('minimum_responses') }} and k > 0 as is_observed
    from strata
    group by segment_dimension, segment_value, adjustment, k

),

slopes as (

    select
        *,
        {{ slope_where_defined('revenue_with_contribution') }} as slope,
        {{ slope_where_defined('retention_with_contribution') }} as retention_slope,
        coalesce(
            max(case when is_observed then k end) over (
                partition by segment_dimension, segment_value, adjustment
            ),
            0
        ) as observed_months
    from months

)

select
    segment_dimension,
    segment_value,
    adjustment,
    k,
    customers,
    spread,
    slope,
    retention_slope,
    retained_baseline,
    revenue_of_retained,
    observed_months,
    k between 1 and observed_months as is_in_horizon,
    {{ horizon_weight('k', 'observed_months') }} as weight,
    {{ discounted_horizon_weight('k', 'observed_months') }} as discounted_weight
from slopes
