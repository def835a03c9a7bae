{# Score and uncertainty of each period and segment, before comparisons. #}
with

totals as (

    select
        *,
        {{ nps_points('promoters', 'detractors', 'responses') }} as nps,
        {# Where all gave the same answer, rounding can carry the mean past it by a hair. #}
        case
            when weight > 0
                then greatest(-100, least(100, {{ safe_ratio('weighted_contribution', 'weight') }}))
        end as revenue_weighted_nps
    from {{ ref('int_nps_segment_totals') }}

),

variances as (

    select
        *,
        100 * {{ nps_adjusted_mean('promoters', 'detractors', 'responses') }} as adjusted_nps,
        10000 * {{ nps_adjusted_variance('promoters', 'detractors', 'responses') }}
            as wald_variance,
        {{ nps_clustered_variance() }} as clustered_variance,
        {{ safe_ratio('customers', 'customers - 1') }}
        * {{ safe_ratio(
            'weighted_contribution_squared'
            ~ ' - 2 * revenue_weighted_nps * weighted_contribution_by_weight'
            ~ ' + revenue_weighted_nps * revenue_weighted_nps * weight_squared',
            'weight * weight'
        ) }} as revenue_weighted_variance
    from totals

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    customers,
    responses,
    promoters,
    responses - promoters - detractors as passives,
    detractors,
    nps,
    adjusted_nps,
    greatest(wald_variance, coalesce(clustered_variance, 0)) as variance,
    coalesce(clustered_variance > wald_variance, false) as is_clustered,
    revenue_weighted_nps,
    sqrt(case when revenue_weighted_variance < 0 then 0 else revenue_weighted_variance end)
        as revenue_weighted_standard_error,
    {{ safe_ratio('weight * weight', 'weight_squared') }} as effective_customers,
    {{ safe_ratio('weight_of_ten_largest', 'weight') }} as share_of_ten_largest,
    responses >= {{ var('minimum_responses') }} as is_reportable
from variances
