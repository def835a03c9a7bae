{# How much each customer moves the summed slopes, squared and added up: the variance, whatever
   the correlation of a customer's months. Each residual is taken without what the customer draws
   its fit to itself. Published components: the total, its churn part, the total discounted, and
   the placebo of month 0. #}
with

strata as (

    select distinct
        stratum_number,
        cell_number
    from {{ ref('int_point_strata') }}

),

segments as (

    select distinct
        segment_number,
        stratum_number
    from {{ ref('int_point_strata') }}

),

{{ stratum_means() }},

{# Once for all segments of the same number. #}
slopes as (

    select distinct
        segment_number,
        k,
        slope,
        retention_slope,
        {# Where nobody is left, nobody brings anything, and no slope of staying is multiplied by
           it. #}
        coalesce(revenue_of_retained, 0.0) as revenue_of_retained,
        1 / spread as per_spread,
        coalesce({{ safe_ratio('1', 'retained_baseline') }}, 0.0) as per_retained_baseline,
        weight,
        discounted_weight,
        case when k = 0 then 1.0 else 0.0 end as placebo_weight
    from {{ ref('int_point_slopes') }}
    where slope is not null and (is_in_horizon or k = 0)

),

{# What of a customer's month is the same in all segments that share the stratum. #}
distances as (

    select
        panel.index_number,
        panel.k,
        strata.stratum_number,
        panel.monthly_baseline_revenue * panel.is_retained as retained_baseline,
        panel.revenue * panel.is_retained as retained_revenue,
        {{ distances_from('panel', 'means') }}
    from {{ ref('int_index_panel') }} as panel
    inner join strata
        on panel.cell_number = strata.cell_number
    inner join stratum_means as means
        on
            strata.stratum_number = means.stratum_number
            and panel.k = means.k

),

residuals as (

    select
        segments.segment_number,
        distances.index_number,
        slopes.per_spread * {{ without_own_pull(
            'distances.revenue_product - slopes.slope * distances.spread',
            'distances.share + distances.spread * slopes.per_spread',
        ) }} as revenue_residual,
        slopes.per_spread * slopes.revenue_of_retained * {{ without_own_pull(
            'distances.retention_product - slopes.retention_slope * distances.spread',
            'distances.share + distances.spread * slopes.per_spread',
        ) }}
        + slopes.retention_slope * slopes.per_retained_baseline * {{ without_own_pull(
            'distances.retained_revenue - slopes.revenue_of_retained * distances.retained_baseline',
            'distances.retained_baseline * slopes.per_retained_baseline',
        ) }} as churn_residual,
        slopes.weight,
        slopes.discounted_weight,
        slopes.placebo_weight
    from distances
    inner join segments
        on distances.stratum_number = segments.stratum_number
    inner join slopes
        on
            segments.segment_number = slopes.segment_number
            and distances.k = slopes.k

),

influences as (

    select
        segment_number,
        index_number,
        sum(weight * revenue_residual) as total,
        sum(discounted_weight * revenue_residual) as discounted,
        sum(weight * churn_residual) as churn,
        sum(placebo_weight * revenue_residual) as placebo
    from residuals
    group by segment_number, index_number

),

variances as (

    select
        segment_number,
        sum(total * total) as total_variance,
        sum(discounted * discounted) as discounted_variance,
        sum(churn * churn) as churn_variance,
        sum((total - churn) * (total - churn)) as wallet_variance,
        sum(placebo * placebo) as placebo_variance
    from influences
    group by segment_number

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
    names.segment_dimension,
    names.segment_value,
    names.adjustment,
    variances.total_variance,
    variances.discounted_variance,
    variances.churn_variance,
    variances.wallet_variance,
    variances.placebo_variance
from variances
inner join names
    on variances.segment_number = names.segment_number
