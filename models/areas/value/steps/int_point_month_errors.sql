{# The variance of each month's slope: the squared influence of every customer, without what it
   draws the slope to itself, added up (HC3). #}
with

coefficients as (

    select *
    from {{ ref('int_point_coefficients') }}
    where adjustment = 'adjusted' and k > 0

),

distances as (

    select
        coefficients.segment_dimension,
        coefficients.segment_value,
        coefficients.spread,
        panel.k,
        panel.contribution - coefficients.mean_contribution as distance,
        panel.revenue
        - panel.monthly_baseline_revenue
        * (coefficients.revenue_intercept + coefficients.slope * panel.contribution)
            as revenue_distance,
        {{ leverage(
            'panel.monthly_baseline_revenue',
            'panel.contribution - coefficients.mean_contribution',
            'coefficients.stratum_baseline',
            'coefficients.spread',
        ) }} as leverage
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
        segment_dimension,
        segment_value,
        k,
        {{ safe_ratio(
            without_own_pull('distance * revenue_distance', 'leverage'), 'spread'
        ) }} as influence
    from distances

)

select
    segment_dimension,
    segment_value,
    k,
    sum(influence * influence) as variance
from influences
group by segment_dimension, segment_value, k
