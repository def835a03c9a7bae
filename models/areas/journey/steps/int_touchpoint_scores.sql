{# Score and uncertainty of each touchpoint, by the formulas of int_nps_scores. Of touchpoints with
   two or three names only those with enough answers for a score are kept: the others are many, say
   nothing, and are counted with each of their names. #}
with

totals as (

    select
        *,
        {{ nps_points('promoters', 'detractors', 'responses') }} as nps
    from {{ ref('int_touchpoint_totals') }}

),

variances as (

    select
        *,
        100 * {{ nps_adjusted_mean('promoters', 'detractors', 'responses') }} as adjusted_nps,
        10000 * {{ nps_adjusted_variance('promoters', 'detractors', 'responses') }}
            as wald_variance,
        {{ nps_clustered_variance() }} as clustered_variance
    from totals
    where
        responses >= {{ var('minimum_responses') }}
        or 2 <= case when journey_stage = 'all' then 1 else 0 end
        + case when channel = 'all' then 1 else 0 end
        + case when service_line = 'all' then 1 else 0 end

)

select
    period_grain,
    period_start,
    {{ previous_period('period_grain', 'period_start') }} as previous_start,
    score_scale,
    segment_dimension,
    segment_value,
    journey_stage,
    channel,
    service_line,
    customers,
    responses,
    promoters,
    responses - promoters - detractors as passives,
    detractors,
    nps,
    adjusted_nps,
    greatest(wald_variance, coalesce(clustered_variance, 0)) as variance,
    coalesce(clustered_variance > wald_variance, false) as is_clustered,
    latest_responded_at,
    responses >= {{ var('minimum_responses') }} as is_reportable
from variances
