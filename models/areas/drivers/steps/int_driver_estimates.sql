{# Slopes with their errors and the mean ratings and shares below the top they are multiplied by,
   one driver a row. The intercept is the slope of a term on which every mean is 1. #}
with

terms as (

    select distinct
        group_number,
        segment_term
    from {{ ref('int_driver_terms') }}
    where segment_term < {{ explained_term() }}

),

estimates as (

    select
        terms.group_number,
        terms.segment_term,
        regressions.responses,
        regressions.drivers,
        regressions.nps,
        regressions.r_squared,
        case
            when terms.segment_term = 0 then regressions.intercept
            else {{ value_of_driver('regressions.slope', 'terms.segment_term') }}
        end as slope,
        case
            when terms.segment_term = 0 then 1.0
            else {{ value_of_driver('regressions.mean', 'terms.segment_term') }}
        end as mean_rating,
        {{ safe_ratio(
            value_of_driver('importances.importance', 'terms.segment_term'), 'regressions.r_squared'
        ) }} as importance
    from terms
    inner join {{ ref('int_driver_regressions') }} as regressions
        on terms.group_number = regressions.group_number
    left join {{ ref('int_driver_importances') }} as importances
        on terms.group_number = importances.group_number

),

{# The correction for a finite number of customers and for the terms estimated (CR1). #}
corrected as (

    select
        estimates.*,
        cast(influence.customers as bigint) as customers,
        {{ safe_ratio('influence.customers', 'influence.customers - 1') }}
        * {{ safe_ratio('estimates.responses - 1', 'estimates.responses - estimates.drivers - 1') }}
            as correction,
        influence.slope_variance,
        coalesce(influence.mean_variance, 0) as mean_variance,
        coalesce(influence.covariance, 0) as covariance,
        influence.share_below_top,
        influence.share_variance,
        influence.share_covariance
    from estimates
    inner join {{ ref('int_driver_influence') }} as influence
        on
            estimates.group_number = influence.group_number
            and estimates.segment_term = influence.segment_term

)

select
    group_number,
    segment_term,
    responses,
    customers,
    drivers,
    nps,
    r_squared,
    slope,
    mean_rating,
    sqrt(correction * slope_variance) as slope_standard_error,
    correction * slope_variance as slope_variance,
    correction * mean_variance as mean_variance,
    correction * covariance as covariance,
    share_below_top,
    correction * share_variance as share_variance,
    correction * share_covariance as share_covariance,
    case when slope is not null then importance end as importance,
    least(responses, customers)
    >= greatest({{ var('minimum_responses') }}, {{ var('driver_minimum_customers') }} * drivers)
    and responses > drivers + 1 as is_reportable
from corrected
