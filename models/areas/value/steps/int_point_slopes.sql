{# The slope of revenue (per baseline revenue) on the contribution, for each month after the answer,
   and the weight of the month in the sum over the horizon. Month 0 is the placebo. #}
with

strata as (

    select
        stratum_number,
        k,
        sum(n) as n,
        sum(r) as r,
        sum(rx) as rx,
        sum(rxx) as rxx,
        sum(y) as y,
        sum(xy) as xy,
        sum(ra) as ra,
        sum(rxa) as rxa,
        sum(ya) as ya,
        sum(r_per_answer) as r_per_answer
    from {{ ref('int_point_stratum_sums') }}
    group by stratum_number, k

),

segments as (

    select distinct
        segment_number,
        segment_dimension,
        segment_value,
        adjustment,
        stratum_number
    from {{ ref('int_point_strata') }}

),

months as (

    select
        segments.segment_number,
        segments.segment_dimension,
        segments.segment_value,
        segments.adjustment,
        strata.k,
        sum(strata.n) as customers,
        sum(strata.r) as baseline,
        sum(strata.rxx - {{ safe_ratio('strata.rx * strata.rx', 'strata.r') }}) as spread,
        sum(strata.xy - {{ safe_ratio('strata.rx * strata.y', 'strata.r') }})
            as revenue_with_contribution,
        sum(strata.rxa - {{ safe_ratio('strata.rx * strata.ra', 'strata.r') }})
            as retention_with_contribution,
        sum(strata.ra) as retained_baseline,
        sum(strata.r_per_answer) as baseline_per_answer,
        count(distinct strata.stratum_number) as strata,
        {{ safe_ratio('sum(strata.ya)', 'sum(strata.ra)') }} as revenue_of_retained,
        sum(strata.n) >= {{ var('minimum_responses') }} and strata.k > 0 as is_observed
    from strata
    inner join segments
        on strata.stratum_number = segments.stratum_number
    group by
        segments.segment_number,
        segments.segment_dimension,
        segments.segment_value,
        segments.adjustment,
        strata.k

),

slopes as (

    select
        *,
        {{ slope_where_defined('revenue_with_contribution') }} as slope,
        {{ slope_where_defined('retention_with_contribution') }} as retention_slope,
        coalesce(
            max(case when is_observed then k end) over (
                partition by segment_number
            ),
            0
        ) as observed_months
    from months

)

select
    segment_number,
    segment_dimension,
    segment_value,
    adjustment,
    k,
    customers,
    strata,
    spread,
    baseline_per_answer,
    slope,
    retention_slope,
    retained_baseline,
    revenue_of_retained,
    observed_months,
    k between 1 and observed_months as is_in_horizon,
    {{ horizon_weight('k', 'observed_months') }} as weight,
    {{ discounted_horizon_weight('k', 'observed_months') }} as discounted_weight
from slopes
