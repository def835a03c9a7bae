with

scores as (

    select
        *,
        sqrt(variance) as standard_error
    from {{ ref('int_touchpoint_scores') }}

),

{# Only scores that are shown are compared: most cells of a month hold a handful of answers. #}
changes as (

    select
        scores.period_grain,
        scores.period_start,
        scores.score_scale,
        scores.segment_dimension,
        scores.segment_value,
        scores.journey_stage,
        scores.channel,
        scores.service_line,
        previous.nps as previous_nps,
        scores.nps - previous.nps as nps_change,
        (scores.adjusted_nps - previous.adjusted_nps) / sqrt(scores.variance + previous.variance)
            as z
    from scores
    inner join scores as previous
        on
            scores.period_grain = previous.period_grain
            and scores.previous_start = previous.period_start
            and scores.score_scale = previous.score_scale
            and scores.segment_dimension = previous.segment_dimension
            and scores.segment_value = previous.segment_value
            and scores.journey_stage = previous.journey_stage
            and scores.channel = previous.channel
            and scores.service_line = previous.service_line
    where scores.is_reportable and previous.is_reportable

),

tested as (

    select
        *,
        {{ two_sided_p('z') }} as p_value
    from changes

),

stepped as (

    select
        *,
        {{ benjamini_hochberg_step('p_value', touchpoint_family(), touchpoint_member()) }}
    from tested

),

corrected as (

    select
        *,
        {{ benjamini_hochberg('p_value', touchpoint_family(), touchpoint_member()) }} as q_value
    from stepped

)

select
    scores.period_grain,
    scores.period_start,
    scores.score_scale,
    scores.segment_dimension,
    scores.segment_value,
    scores.journey_stage,
    scores.channel,
    scores.service_line,
    stages.stage_label,
    stages.stage_order,
    stages.journey_phase,
    scores.responses,
    scores.customers,
    scores.promoters,
    scores.passives,
    scores.detractors,
    {{ when_reportable('scores.nps') }} as nps,
    {{ when_reportable('scores.standard_error') }} as standard_error,
    {{ when_reportable(nps_bound('scores.adjusted_nps', 'scores.standard_error', '-')) }} as lower,
    {{ when_reportable(nps_bound('scores.adjusted_nps', 'scores.standard_error', '+')) }} as upper,
    scores.is_clustered,
    corrected.previous_nps,
    corrected.nps_change,
    corrected.p_value,
    corrected.q_value,
    corrected.q_value < 0.05 as is_significant,
    scores.latest_responded_at,
    'descriptive' as evidence,
    scores.is_reportable
from scores
inner join {{ ref('int_journey_stages') }} as stages
    on scores.journey_stage = stages.journey_stage
left join corrected
    on
        scores.period_grain = corrected.period_grain
        and scores.period_start = corrected.period_start
        and scores.score_scale = corrected.score_scale
        and scores.segment_dimension = corrected.segment_dimension
        and scores.segment_value = corrected.segment_value
        and scores.journey_stage = corrected.journey_stage
        and scores.channel = corrected.channel
        and scores.service_line = corrected.service_line
