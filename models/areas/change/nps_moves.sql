{% set member = ['segment_value', 'from_category', 'to_category', 'event_kind'] %}
with

estimates as (

    select
        *,
        sum(case when event_kind = 'all' then moves else 0 end) over (
            partition by segment_dimension, segment_value
        ) as all_moves,
        {{ score_contribution('to_category') }} as contribution,
        sqrt(variance) as standard_error,
        with_event >= {{ var('minimum_responses') }} as is_reportable,
        least(compared, without_event) >= {{ var('minimum_responses') }} as is_comparable
    from {{ ref('int_move_estimates') }}

),

shown as (

    select
        segment_dimension,
        segment_value,
        from_category,
        to_category,
        event_kind,
        with_event,
        moves,
        without_event,
        moves_without,
        {{ when_reportable(safe_ratio('moves', 'with_event')) }} as share,
        {{ when_reportable(wilson_bound('moves', 'with_event', '-')) }} as lower,
        {{ when_reportable(wilson_bound('moves', 'with_event', '+')) }} as upper,
        {{ safe_ratio('compared', 'with_event') }} as compared_share,
        case when is_comparable then expected_share end as expected_share,
        case when is_comparable then difference end as difference,
        case when is_comparable then standard_error end as standard_error,
        {# What the event does to the score of the next answers of everybody, through this move.
           #}
        case when is_comparable then contribution * {{ safe_ratio('compared', 'all_moves') }} end
            as points_per_difference,
        is_reportable
    from estimates

),

tested as (

    select
        *,
        difference * points_per_difference as points,
        standard_error * abs(points_per_difference) as points_standard_error,
        {# What is left of an error of nothing is rounding. #}
        case when standard_error > 1e-9 then difference / standard_error end as z
    from shown

),

p_values as (

    select
        *,
        {{ two_sided_p('z') }} as p_value
    from tested

),

stepped as (

    select
        *,
        {{ benjamini_hochberg_step('p_value', ['segment_dimension'], member) }}
    from p_values

),

corrected as (

    select
        *,
        {{ benjamini_hochberg('p_value', ['segment_dimension'], member) }} as q_value
    from stepped

)

select
    corrected.segment_dimension,
    corrected.segment_value,
    corrected.from_category,
    corrected.to_category,
    corrected.event_kind,
    corrected.with_event as answers,
    corrected.moves,
    corrected.share,
    corrected.lower,
    corrected.upper,
    days.median_days_between,
    corrected.without_event as answers_without,
    corrected.moves_without,
    corrected.compared_share,
    corrected.expected_share,
    corrected.difference,
    corrected.standard_error,
    corrected.difference - {{ z95() }} * corrected.standard_error as difference_lower,
    corrected.difference + {{ z95() }} * corrected.standard_error as difference_upper,
    corrected.p_value,
    corrected.q_value,
    corrected.q_value < 0.05 as is_significant,
    corrected.points,
    corrected.points_standard_error,
    {{ money_of_points('corrected.points') }} as revenue,
    {{ money_of_points('corrected.points', 'corrected.points_standard_error', '-') }}
        as revenue_lower,
    {{ money_of_points('corrected.points', 'corrected.points_standard_error', '+') }}
        as revenue_upper,
    case when corrected.event_kind = 'all' then 'descriptive' else 'adjusted' end as evidence,
    corrected.is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    coalesce(point_values.currency, {{ reporting_currency() }}) as currency
from corrected
left join {{ ref('int_move_days') }} as days
    on
        corrected.segment_dimension = days.segment_dimension
        and corrected.segment_value = days.segment_value
        and corrected.event_kind = days.event_kind
        and corrected.from_category = days.from_category
        and corrected.to_category = days.to_category
left join {{ point_values() }} as point_values
    on
        corrected.segment_dimension = point_values.segment_dimension
        and corrected.segment_value = point_values.segment_value
