with

{# What holds for the regression as a whole stands on its intercept. #}
regressions as (

    select
        group_number,
        customers,
        drivers,
        r_squared,
        nps,
        is_reportable
    from {{ ref('int_driver_estimates') }}
    where segment_term = 0

),

estimates as (

    select
        choices.period_grain,
        choices.period_start,
        choices.segment_dimension,
        choices.segment_value,
        choices.driver,
        coalesce(labels.label, replace(choices.driver, '_', ' ')) as label,
        choices.answers,
        choices.ratings,
        choices.complete_answers as responses,
        regressions.customers,
        regressions.drivers,
        regressions.nps,
        regressions.r_squared,
        coalesce(regressions.is_reportable, false) as is_reportable,
        case
            when choices.exclusion_reason is not null then choices.exclusion_reason
            when not coalesce(regressions.is_reportable, false) then 'too_few_answers'
            when estimates.slope is null then 'rank_deficient'
        end as exclusion_reason,
        estimates.slope,
        estimates.slope_standard_error,
        estimates.slope_variance,
        estimates.mean_variance,
        estimates.covariance,
        estimates.importance,
        estimates.mean_rating,
        estimates.share_below_top,
        estimates.share_variance,
        estimates.share_covariance,
        cast(scales.step as double) as rating_step,
        cast(scales.minimum as double) as bottom_rating,
        cast(scales.maximum as double) as top_rating
    from {{ ref('int_driver_choices') }} as choices
    inner join {{ ref('score_scales') }} as scales
        on choices.score_scale = scales.scale
    left join {{ ref('drivers') }} as labels
        on choices.driver = labels.driver
    left join regressions
        on choices.group_number = regressions.group_number
    left join {{ ref('int_driver_estimates') }} as estimates
        on
            choices.group_number = estimates.group_number
            and choices.segment_term = estimates.segment_term

),

points as (

    select
        *,
        exclusion_reason is null as is_included,
        {{ safe_ratio('mean_rating - bottom_rating', 'top_rating - bottom_rating') }}
            as performance,
        slope * (top_rating - mean_rating) as points_available,
        {{ slope_times_mean_standard_error('slope', 'top_rating - mean_rating', '-') }}
            as points_standard_error,
        slope * share_below_top * rating_step as points_one_step_better,
        rating_step
        * {{ slope_times_mean_standard_error(
            'slope', 'share_below_top', '+', 'share_variance', 'share_covariance'
        ) }} as one_step_standard_error
    from estimates

),

revenue as (

    select
        points.*,
        avg(case when points.is_included then points.performance end) over (
            partition by
                points.period_grain,
                points.period_start,
                points.segment_dimension,
                points.segment_value
        ) as mean_performance,
        {{ revenue_of_points('points.points_available') }} as revenue_available,
        {{ revenue_of_points_standard_error(
            'points.points_available', 'points.points_standard_error'
        ) }} as revenue_standard_error,
        {{ revenue_of_points('points.points_one_step_better') }} as revenue_one_step_better,
        {{ revenue_of_points_standard_error(
            'points.points_one_step_better', 'points.one_step_standard_error'
        ) }} as revenue_one_step_standard_error
    from points
    left join {{ point_values() }} as point_values
        on
            points.segment_dimension = point_values.segment_dimension
            and points.segment_value = point_values.segment_value

)

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    driver,
    label,
    answers,
    ratings,
    responses,
    {{ safe_ratio('responses', 'answers') }} as used_share,
    customers,
    is_included,
    exclusion_reason,
    case when is_included then nps end as nps_of_responses,
    case when is_included then mean_rating end as mean_rating,
    top_rating,
    rating_step,
    case when is_included then share_below_top end as share_below_top,
    case when is_included then performance end as performance,
    case when is_included then slope end as slope,
    case when is_included then slope_standard_error end as standard_error,
    case when is_included then slope - {{ z95() }} * slope_standard_error end as lower,
    case when is_included then slope + {{ z95() }} * slope_standard_error end as upper,
    case
        when is_included and slope_standard_error > 0
            then {{ two_sided_p('(slope / slope_standard_error)') }}
    end as p_value,
    case when is_included then importance end as importance,
    case when is_included then r_squared end as r_squared,
    case when is_included then points_available end as points_available,
    case when is_included then points_standard_error end as points_available_standard_error,
    case when is_included then points_available - {{ z95() }} * points_standard_error end
        as points_available_lower,
    case when is_included then points_available + {{ z95() }} * points_standard_error end
        as points_available_upper,
    case when is_included then points_one_step_better end as points_one_step_better,
    case when is_included then one_step_standard_error end
        as points_one_step_better_standard_error,
    case
        when is_included then points_one_step_better - {{ z95() }} * one_step_standard_error
    end as points_one_step_better_lower,
    case
        when is_included then points_one_step_better + {{ z95() }} * one_step_standard_error
    end as points_one_step_better_upper,
    case when is_included then cast(round(revenue_available, 2) as decimal(18, 2)) end
        as revenue_available,
    case
        when is_included
            then cast(
                round(revenue_available - {{ z95() }} * revenue_standard_error, 2) as decimal(18, 2)
            )
    end as revenue_available_lower,
    case
        when is_included
            then cast(
                round(revenue_available + {{ z95() }} * revenue_standard_error, 2) as decimal(18, 2)
            )
    end as revenue_available_upper,
    case when is_included then {{ money('revenue_one_step_better') }} end
        as revenue_one_step_better,
    case
        when is_included
            then {{ money(
                'revenue_one_step_better - ' ~ z95() ~ ' * revenue_one_step_standard_error'
            ) }}
    end as revenue_one_step_better_lower,
    case
        when is_included
            then {{ money(
                'revenue_one_step_better + ' ~ z95() ~ ' * revenue_one_step_standard_error'
            ) }}
    end as revenue_one_step_better_upper,
    case
        when not is_included then null
        when slope <= 0 or importance is null then 'unclear'
        when importance * drivers < 1 - 1e-9
            then case
                when performance < mean_performance - 1e-9 then 'low_priority'
                else 'possible_overkill'
            end
        when performance < mean_performance - 1e-9 then 'concentrate_here'
        else 'keep_up'
    end as quadrant,
    'descriptive' as evidence,
    is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    {{ reporting_currency() }} as currency
from revenue
