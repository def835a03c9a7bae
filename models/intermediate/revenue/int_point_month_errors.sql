{# The variance of each month's slope: the squared influence of every customer, added up. #}
with

coefficients as (

    select *
    from {{ ref('int_point_coefficients') }}
    where adjustment = 'adjusted' and k > 0

),

residuals as (

    select
        coefficients.segment_dimension,
        coefficients.segment_value,
        panel.k,
        (panel.contribution - coefficients.mean_contribution)
        * (
            panel.revenue
            - panel.monthly_baseline_revenue
            * (coefficients.revenue_intercept + coefficients.slope * panel.contribution)
        )
        / coefficients.spread as influence
    from {{ ref('int_index_panel') }} as panel
    inner join {{ ref('int_point_strata') }} as strata
        on panel.cell_number = strata.cell_number
    inner join coefficients
        on
            strata.stratum_number = coefficients.stratum_number
            and panel.k = coefficients.k

)

select
    segment_dimension,
    segment_value,
    k,
    sum(influence * influence) as variance
from residuals
group by segment_dimension, segment_value, k
