{# How much each customer moves the summed slopes, squared and added up: the variance, whatever the
   correlation of a customer's months. Each residual is taken without what the customer draws its fit
   to itself. Published components: the total, its churn part, the total discounted, and the placebo of
   month 0. #}
with

coefficients as (

    select
        *,
        {{ safe_ratio('weight', 'spread') }} as total_factor,
        {{ safe_ratio('discounted_weight', 'spread') }} as discounted_factor,
        {{ safe_ratio('weight * revenue_of_retained', 'spread') }} as churn_factor,
        coalesce({{ safe_ratio('weight * retention_slope', 'retained_baseline') }}, 0.0)
            as retained_revenue_factor,
        case when k = 0 then {{ safe_ratio('1', 'spread') }} else 0.0 end as placebo_factor
    from {{ ref('int_point_coefficients') }}

),

distances as (

    select
        panel.index_number,
        panel.monthly_baseline_revenue as baseline,
        panel.contribution - coefficients.mean_contribution as distance,
        panel.revenue
        - panel.monthly_baseline_revenue
        * (coefficients.revenue_intercept + coefficients.slope * panel.contribution)
            as revenue_distance,
        panel.is_retained
        - coefficients.retention_intercept
        - coefficients.retention_slope * panel.contribution as retention_distance,
        panel.is_retained
        * (panel.revenue - coefficients.revenue_of_retained * panel.monthly_baseline_revenue)
            as retained_revenue_distance,
        {{ leverage(
            'panel.monthly_baseline_revenue',
            'panel.contribution - coefficients.mean_contribution',
            'coefficients.stratum_baseline',
            'coefficients.spread',
        ) }} as leverage,
        coalesce(
            {{ safe_ratio(
                'panel.is_retained * panel.monthly_baseline_revenue',
                'coefficients.retained_baseline',
            ) }},
            0.0
        ) as retained_leverage,
        coefficients.stratum_number,
        coefficients.total_factor,
        coefficients.discounted_factor,
        coefficients.churn_factor,
        coefficients.retained_revenue_factor,
        coefficients.placebo_factor
    from {{ ref('int_index_panel') }} as panel
    inner join {{ ref('int_point_strata') }} as strata
        on panel.cell_number = strata.cell_number
    inner join coefficients
        on
            strata.stratum_number = coefficients.stratum_number
            and panel.k = coefficients.k

),

residuals as (

    select
        index_number,
        stratum_number,
        {{ without_own_pull('distance * revenue_distance', 'leverage') }} as revenue_residual,
        {{ without_own_pull('baseline * distance * retention_distance', 'leverage') }}
            as retention_residual,
        {{ without_own_pull('retained_revenue_distance', 'retained_leverage') }}
            as retained_revenue_residual,
        total_factor,
        discounted_factor,
        churn_factor,
        retained_revenue_factor,
        placebo_factor
    from distances

),

influences as (

    select
        stratum_number,
        index_number,
        sum(total_factor * revenue_residual) as total,
        sum(discounted_factor * revenue_residual) as discounted,
        sum(
            churn_factor * retention_residual + retained_revenue_factor * retained_revenue_residual
        ) as churn,
        sum(placebo_factor * revenue_residual) as placebo
    from residuals
    group by stratum_number, index_number

),

strata as (

    select distinct
        stratum_number,
        segment_dimension,
        segment_value,
        adjustment
    from {{ ref('int_point_strata') }}

)

select
    strata.segment_dimension,
    strata.segment_value,
    strata.adjustment,
    sum(influences.total * influences.total) as total_variance,
    sum(influences.discounted * influences.discounted) as discounted_variance,
    sum(influences.churn * influences.churn) as churn_variance,
    sum((influences.total - influences.churn) * (influences.total - influences.churn))
        as wallet_variance,
    sum(influences.placebo * influences.placebo) as placebo_variance
from influences
inner join strata
    on influences.stratum_number = strata.stratum_number
group by strata.segment_dimension, strata.segment_value, strata.adjustment
