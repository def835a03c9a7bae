{# The slope of revenue (per baseline revenue) on the contribution, for each month after the answer,
   and the weight of the month in the sum over the horizon. Month 0 is the placebo. #}
with

segments as (

    select distinct
        segment_number,
        stratum_number
    from {{ ref('int_point_strata') }}

),

months as (

    select
        segments.segment_number,
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
        count(*) as strata,
        {{ safe_ratio('sum(strata.ya)', 'sum(strata.ra)') }} as revenue_of_retained,
        sum(strata.n) >= {{ var('minimum_responses') }} and strata.k > 0 as is_observed
    from {{ ref('int_point_stratum_sums') }} as strata
    inner join segments
        on strata.stratum_number = segments.stratum_number
    group by segments.segment_number, strata.k

),

slopes as (

    select
        *,
        {{ slope_where_defined('revenue_with_contribution') }} as slope,
        {{ slope_where_defined('retention_with_contribution') }} as retention_slope,
        coalesce(
            max(case when is_observed then k end) over (partition by segment_number),
            0
        ) as observed_months
    from months

),

names as (

    select distinct
        segment_number,
        segment_dimension,
        segment_value,
        adjustment
    from {{ ref('int_point_strata') }}

)

select
    slopes.segment_number,
    names.segment_dimension,
    names.segment_value,
    names.adjustment,
    slopes.k,
    slopes.customers,
    slopes.strata,
    slopes.spread,
    slopes.baseline_per_answer,
    slopes.slope,
    slopes.retention_slope,
    slopes.retained_baseline,
    slopes.revenue_of_retained,
    slopes.observed_months,
    slopes.k between 1 and slopes.observed_months as is_in_horizon,
    {{ horizon_weight('slopes.k', 'slopes.observed_months') }} as weight,
    {{ discounted_horizon_weight('slopes.k', 'slopes.observed_months') }} as discounted_weight
from slopes
inner join names
    on slopes.segment_number = names.segment_number
