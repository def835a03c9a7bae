{# How much each customer moves the summed slopes, squared and added up: the variance, whatever the
   correlation of a customer's months. Published components: the total, its churn part, the total
   discounted, and the placebo of month 0. #}
with

stratum_means as (

    select
        segment_dimension,
        segment_value,
        adjustment,
        stratum_number,
        k,
        sum(rx) / sum(r) as mean_contribution,
        sum(y) / sum(r) as mean_revenue,
        sum(ra) / sum(r) as mean_retention
    from {{ ref('int_point_stratum_sums') }}
    group by segment_dimension, segment_value, adjustment, stratum_number, k

),

coefficients as (

    select
        means.stratum_number,
        means.k,
        means.mean_contribution,
        means.mean_revenue - slopes.slope * means.mean_contribution as revenue_intercept,
        slopes.slope,
        means.mean_retention - slopes.retention_slope * means.mean_contribution as retention_intercept,
        slopes.retention_slope,
        slopes.revenue_of_retained,
        slopes.weight / slopes.spread as total_factor,
        slopes.discounted_weight / slopes.spread as discounted_factor,
        slopes.weight * slopes.revenue_of_retained / slopes.spread as churn_factor,
        slopes.weight * slopes.retention_slope / slopes.retained_baseline as retained_revenue_factor,
        case when means.k = 0 then 1 / slopes.spread else 0.0 end as placebo_factor
    from stratum_means as means
    inner join {{ ref('int_point_slopes') }} as slopes
        on
            means.segment_dimension = slopes.segment_dimension
            and means.segment_value = slopes.segment_value
            and means.adjustment = slopes.adjustment
            and means.k = slopes.k
    where slopes.slope is not null and (slopes.is_in_horizon or slopes.k = 0)

),

residuals as (

    select
        panel.index_number,
        coefficients.stratum_number,
        (panel.contribution - coefficients.mean_contribution)
        * (
            panel.revenue
            - panel.monthly_baseline_revenue
            * (coefficients.revenue_intercept + coefficients.slope * panel.contribution)
        ) as revenue_residual,
        panel.monthly_baseline_revenue
        * (panel.contribution - coefficients.mean_contribution)
        * (
            panel.is_retained
            - coefficients.retention_intercept
            - coefficients.retention_slope * panel.contribution
        ) as retention_residual,
        panel.is_retained
        * (panel.revenue - coefficients.revenue_of_retained * panel.monthly_baseline_revenue)
            as retained_revenue_residual,
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
    sum((influences.total - influences.churn) * (influences.total - influences.churn)) as wallet_variance,
    sum(influences.placebo * influences.placebo) as placebo_variance
from influences
inner join strata
    on influences.stratum_number = strata.stratum_number
group by strata.segment_dimension, strata.segment_value, strata.adjustment
