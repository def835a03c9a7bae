{# All answers of each segment and stratum: customers, and the sums of their contributions. #}
with

cells as (

    select
        survey_kind,
        score_scale,
        standing_cell,
        stratum,
        count(*) as customers,
        sum(contribution) as contribution,
        sum(contribution * contribution) as contribution_squared
    from {{ ref('int_journey_answers') }}
    group by
        survey_kind,
        score_scale,
        standing_cell,
        stratum

),

by_segments as (

    {{ by_segment('cells', [
        'survey_kind', 'score_scale', 'stratum', 'customers', 'contribution', 'contribution_squared'
    ], of=['customer', 'standing']) }}

)

select
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    stratum,
    cast(sum(customers) as bigint) as customers,
    sum(contribution) as contribution,
    sum(contribution_squared) as contribution_squared
from by_segments
group by survey_kind, score_scale, segment_dimension, segment_value, stratum
