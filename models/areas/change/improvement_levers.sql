{# What could raise the score, from three marts that each know one kind of reason, on one scale: the
   points of NPS to be gained, and the revenue behind these points. A rating is lifted by one step, which
   can be done; that everybody gives the best one stands beside it. #}
with

drivers as (

    select
        segment_dimension,
        segment_value,
        'driver' as lever_kind,
        driver as lever,
        customers,
        points_one_step_better as points,
        points_one_step_better_standard_error as standard_error,
        points_one_step_better_lower as lower,
        points_one_step_better_upper as upper,
        revenue_one_step_better as revenue,
        revenue_one_step_better_lower as revenue_lower,
        revenue_one_step_better_upper as revenue_upper,
        mean_rating,
        top_rating,
        rating_step,
        share_below_top,
        points_available,
        evidence,
        is_reportable
    from {{ ref('nps_drivers') }}
    where period_grain = 'all_time' and is_included

),

{# Troubles at a stage: those of all stages together would be there twice. #}
experiences as (

    select
        segment_dimension,
        segment_value,
        'experience' as lever_kind,
        journey_stage || ' × ' || exposure as lever,
        exposed_customers as customers,
        points_lost as points,
        points_lost_standard_error as standard_error,
        points_lost_lower as lower,
        points_lost_upper as upper,
        revenue_lost as revenue,
        revenue_lost_lower as revenue_lower,
        revenue_lost_upper as revenue_upper,
        cast(null as double) as mean_rating,
        cast(null as double) as top_rating,
        cast(null as double) as rating_step,
        cast(null as double) as share_below_top,
        cast(null as double) as points_available,
        evidence,
        is_reportable
    from {{ ref('journey_impact') }}
    where
        survey_kind = 'relational'
        and score_scale = 'nps_0_10'
        and journey_stage <> 'all'
        and exposure in (
            'complaint', 'fault', 'slow_resolution', 'repeat_contact', 'too_many_contacts'
        )

),

{# A theme has points of its own sign: what it takes away is a lever. #}
themes as (

    select
        segment_dimension,
        segment_value,
        'theme' as lever_kind,
        theme as lever,
        customers,
        -points as points,
        points_standard_error as standard_error,
        -points_upper as lower,
        -points_lower as upper,
        -revenue_of_points as revenue,
        -revenue_of_points_upper as revenue_lower,
        -revenue_of_points_lower as revenue_upper,
        cast(null as double) as mean_rating,
        cast(null as double) as top_rating,
        cast(null as double) as rating_step,
        cast(null as double) as share_below_top,
        cast(null as double) as points_available,
        evidence,
        is_reportable
    from {{ ref('verbatim_themes') }}
    where
        period_grain = 'all_time'
        and survey_kind = 'relational'
        and score_scale = 'nps_0_10'
        and theme not in ('any', 'none')
        and mentions > 0

),

levers as (

    select * from drivers

    union all

    select * from experiences

    union all

    select * from themes

)

select
    segment_dimension,
    segment_value,
    lever_kind,
    lever,
    customers,
    points,
    standard_error,
    lower,
    upper,
    {{ money('revenue') }} as revenue,
    {{ money('revenue_lower') }} as revenue_lower,
    {{ money('revenue_upper') }} as revenue_upper,
    case
        when lower > 0
            then cast(
                row_number() over (
                    partition by segment_dimension, segment_value
                    order by lower desc nulls last, lever_kind asc, lever asc
                ) as bigint
            )
    end as strength_rank,
    mean_rating,
    top_rating,
    rating_step,
    share_below_top,
    points_available,
    evidence,
    is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    {{ reporting_currency() }} as currency
from levers
