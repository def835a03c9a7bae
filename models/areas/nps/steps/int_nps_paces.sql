{# How fast a score has moved over the four quarters up to each: a straight line through those
   that can be reported (three at least), each weighted with what is known of it. #}
with

quarters as (

    select
        segment_dimension,
        segment_value,
        {{ quarter_number('period_start') }} as quarter_number,
        nps,
        1 / variance as weight
    from {{ ref('int_nps_scores') }}
    where
        period_grain = 'quarter'
        and survey_kind = 'relational'
        and score_scale = 'nps_0_10'
        and segment_dimension in ('all', 'client_id')
        and is_reportable

),

{# Counted from the present quarter, so that the sums stay small. #}
windows as (

    select
        present.segment_dimension,
        present.segment_value,
        present.quarter_number,
        count(*) as quarters,
        sum(recent.weight) as weight,
        sum(recent.weight * (recent.quarter_number - present.quarter_number)) as weighted_quarter,
        sum(recent.weight * recent.nps) as weighted_nps
    from quarters as present
    inner join quarters as recent
        on
            present.segment_dimension = recent.segment_dimension
            and present.segment_value = recent.segment_value
            and recent.quarter_number between present.quarter_number - 3 and present.quarter_number
    group by present.segment_dimension, present.segment_value, present.quarter_number

),

means as (

    select
        *,
        quarter_number + weighted_quarter / weight as mean_quarter,
        weighted_nps / weight as mean_nps
    from windows
    where quarters >= 3

)

select
    means.segment_dimension,
    means.segment_value,
    means.quarter_number,
    means.quarters,
    means.mean_quarter,
    means.mean_nps,
    means.weight,
    sum(recent.weight * power(recent.quarter_number - means.mean_quarter, 2)) as spread,
    sum(recent.weight * (recent.quarter_number - means.mean_quarter) * recent.nps)
    / sum(recent.weight * power(recent.quarter_number - means.mean_quarter, 2)) as pace
from means
inner join quarters as recent
    on
        means.segment_dimension = recent.segment_dimension
        and means.segment_value = recent.segment_value
        and recent.quarter_number between means.quarter_number - 3 and means.quarter_number
group by
    means.segment_dimension,
    means.segment_value,
    means.quarter_number,
    means.quarters,
    means.mean_quarter,
    means.mean_nps,
    means.weight
