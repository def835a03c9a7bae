with

{# The score from which a target is reached: of the last year complete enough to be reported. #}
latest_scores as (

    select
        segment_dimension,
        segment_value,
        nps,
        row_number() over (
            partition by segment_dimension, segment_value order by month_end desc
        ) as from_the_end
    from {{ ref('nps_rolling') }}
    where survey_kind = 'relational' and score_scale = 'nps_0_10' and is_reportable

),

{# What is to be reached in the end. #}
targets as (

    select
        segment_dimension,
        segment_value,
        target_nps
    from {{ ref('int_nps_targets') }}
    where is_last

),

fixed_rises as (

    select
        '+1' as scenario,
        1 as points

    union all

    select
        '+5' as scenario,
        5 as points

    union all

    select
        '+10' as scenario,
        10 as points

),

{# Estimates that are reportable; a scenario of an unknown value says nothing. #}
values_per_point as (

    select *
    from {{ ref('revenue_per_point') }}
    where adjustment = 'adjusted' and base = 'active_customers' and is_reportable

),

scenarios as (

    select
        values_per_point.segment_dimension,
        values_per_point.segment_value,
        fixed_rises.scenario,
        cast(fixed_rises.points as double) as points
    from values_per_point
    cross join fixed_rises

    union all

    select
        targets.segment_dimension,
        targets.segment_value,
        'to_target' as scenario,
        greatest(0, targets.target_nps - latest_scores.nps) as points
    from targets
    inner join latest_scores
        on
            targets.segment_dimension = latest_scores.segment_dimension
            and targets.segment_value = latest_scores.segment_value
            and latest_scores.from_the_end = 1

)

select
    scenarios.segment_dimension,
    scenarios.segment_value,
    scenarios.scenario,
    scenarios.points,
    values_per_point.horizon_months,
    {{ money('scenarios.points * values_per_point.revenue_per_point') }} as revenue,
    {{ money('scenarios.points * values_per_point.standard_error') }} as standard_error,
    {{ money('scenarios.points * values_per_point.lower') }} as lower,
    {{ money('scenarios.points * values_per_point.upper') }} as upper,
    scenarios.points * values_per_point.share_of_annual_revenue as share_of_annual_revenue,
    scenarios.points * values_per_point.share_of_annual_revenue
    * {{ safe_ratio('values_per_point.lower', 'values_per_point.revenue_per_point') }}
        as share_of_annual_revenue_lower,
    scenarios.points * values_per_point.share_of_annual_revenue
    * {{ safe_ratio('values_per_point.upper', 'values_per_point.revenue_per_point') }}
        as share_of_annual_revenue_upper,
    100 * scenarios.points * values_per_point.share_of_annual_revenue as percent_of_annual_revenue,
    100 * scenarios.points * values_per_point.share_of_annual_revenue
    * {{ safe_ratio('values_per_point.lower', 'values_per_point.revenue_per_point') }}
        as percent_of_annual_revenue_lower,
    100 * scenarios.points * values_per_point.share_of_annual_revenue
    * {{ safe_ratio('values_per_point.upper', 'values_per_point.revenue_per_point') }}
        as percent_of_annual_revenue_upper,
    values_per_point.customers,
    values_per_point.evidence,
    values_per_point.is_reportable,
    values_per_point.currency
from scenarios
inner join values_per_point
    on
        scenarios.segment_dimension = values_per_point.segment_dimension
        and scenarios.segment_value = values_per_point.segment_value
