{# Invitations and how many were answered, by period and segment. #}
with

by_segments as (

    {{ by_segment(
        ref('int_invitation_sums'),
        ['period_grain', 'period_start', 'survey_kind', 'invitations', 'answered_invitations']
    ) }}

)

select
    period_grain,
    period_start,
    survey_kind,
    segment_dimension,
    segment_value,
    cast(sum(invitations) as bigint) as invitations,
    cast(sum(answered_invitations) as bigint) as answered_invitations
from by_segments
group by period_grain, period_start, survey_kind, segment_dimension, segment_value
