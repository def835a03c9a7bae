{# How much each customer moves the summed slopes, squared and added up: the variance, whatever the
   correlation of a customer's months. Published components: the total, its churn part, the total
   discounted, and the placebo of month 0. #}
with

coefficients as (

    select
        *,
        weight / spread as total_factor,
        discounted_weight / spread as discounted_factor,
        weight * revenue_of_retained / spread as churn_factor,
        weight * retention_slope / retained_baseline as retained_revenue_factor,
        case when k = 0 then 1 / spread else 0.0 end as placebo_factor
    from {{ ref('int_point_coefficients') }}

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
    sum((influences.total - influences.churn) * (influences.total - influences.churn))
        as wallet_variance,
    sum(influences.placebo * influences.placebo) as placebo_variance
from influences
inner join strata
    on influences.stratum_number = strata.stratum_number
group by strata.segment_dimension, strata.segment_value, strata.adjustment
