with

segments as (

    select
        segment_dimension,
        segment_value,
        observed_months,
        is_reportable
    from {{ ref('int_point_estimates') }}
    where adjustment = 'adjusted' and is_reportable

),

grid as (

    select
        segments.*,
        spine.number as k
    from segments
    inner join {{ number_spine(var('horizon_months') + 1) }} as spine
        on spine.number >= 1

),

observed as (

    select
        slopes.segment_dimension,
        slopes.segment_value,
        slopes.k,
        slopes.customers,
        slopes.slope,
        errors.variance
    from {{ ref('int_point_slopes') }} as slopes
    inner join {{ ref('int_point_month_errors') }} as errors
        on
            slopes.segment_dimension = errors.segment_dimension
            and slopes.segment_value = errors.segment_value
            and slopes.k = errors.k
    where slopes.adjustment = 'adjusted' and slopes.is_in_horizon

),

{# What the months nobody has lived are held at. Its months are taken as fully correlated, which
   errs on the side of a wider interval. #}
last_three as (

    select
        observed.segment_dimension,
        observed.segment_value,
        avg(observed.slope) as slope,
        avg(sqrt(observed.variance)) as standard_error
    from observed
    inner join segments
        on
            observed.segment_dimension = segments.segment_dimension
            and observed.segment_value = segments.segment_value
            and observed.k > segments.observed_months - 3
    group by observed.segment_dimension, observed.segment_value

),

months as (

    select
        grid.segment_dimension,
        grid.segment_value,
        grid.k,
        observed.customers,
        coalesce(observed.slope, last_three.slope) as slope,
        coalesce(sqrt(observed.variance), last_three.standard_error) as standard_error,
        grid.k > grid.observed_months as is_projected,
        grid.is_reportable
    from grid
    inner join last_three
        on
            grid.segment_dimension = last_three.segment_dimension
            and grid.segment_value = last_three.segment_value
    left join observed
        on
            grid.segment_dimension = observed.segment_dimension
            and grid.segment_value = observed.segment_value
            and grid.k = observed.k

)

select
    segment_dimension,
    segment_value,
    cast(k as int) as k,
    cast(coalesce(customers, 0) as bigint) as customers,
    slope,
    standard_error,
    slope - {{ z95() }} * standard_error as lower,
    slope + {{ z95() }} * standard_error as upper,
    is_projected,
    'adjusted' as evidence,
    is_reportable
from months
