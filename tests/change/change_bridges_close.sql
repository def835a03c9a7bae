{# Fails where the points of the parts of a dimension, or of people, do not sum to the change of
   the score; where a bridge has another change than the scores say; and where its parts are not
   all answers. #}
with

bridges as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        part_dimension,
        max(is_reportable) as is_reportable,
        max(nps_change) as nps_change,
        sum(points) as points,
        sum(case when effect <> 'mix' then responses_before end) as responses_before,
        sum(case when effect <> 'mix' then responses_now end) as responses_now
    from {{ ref('nps_change_bridge') }}
    group by
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        part_dimension

)

select bridges.*
from bridges
inner join {{ ref('nps_by_segment') }} as present
    on
        bridges.period_grain = present.period_grain
        and bridges.period_start = present.period_start
        and bridges.survey_kind = present.survey_kind
        and bridges.score_scale = present.score_scale
        and bridges.segment_dimension = present.segment_dimension
        and bridges.segment_value = present.segment_value
inner join {{ ref('nps_by_segment') }} as former
    on
        bridges.period_grain = former.period_grain
        and bridges.previous_start = former.period_start
        and bridges.survey_kind = former.survey_kind
        and bridges.score_scale = former.score_scale
        and bridges.segment_dimension = former.segment_dimension
        and bridges.segment_value = former.segment_value
where
    bridges.responses_now <> present.responses
    or bridges.responses_before <> former.responses
    or bridges.is_reportable
    and not coalesce(
        abs(bridges.points - bridges.nps_change) <= 1e-9
        and abs(bridges.points - (present.nps - former.nps)) <= 1e-9,
        false
    )
