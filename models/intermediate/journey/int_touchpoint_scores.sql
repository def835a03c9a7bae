{# Score and uncertainty of each touchpoint, by the formulas of int_nps_scores. #}
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
