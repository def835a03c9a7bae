{# How the change of a score is made of the parts of a dimension. Mix: the part's share has
   changed, and its score is not that of all. Within: its score has changed. A part that stands
   in one period only has the same score in both, so that all it does is mix. Each is taken at
   the mean of both periods, so nothing is left over. #}
{% set numbers = ['m0', 'y0', 'm1', 'y1'] %}

with

parts as (

    select * from {{ ref('int_bridge_part_sums') }}

),

{# A part and the whole it belongs to. #}
shares as (

    select
        parts.*,
        wholes.m0 as whole_m0,
        wholes.m1 as whole_m1,
        {{ safe_ratio('wholes.y0', 'wholes.m0') }} as whole_before,
        {{ safe_ratio('wholes.y1', 'wholes.m1') }} as whole_now,
        parts.m0 / wholes.m0 as share_before,
        parts.m1 / wholes.m1 as share_now,
        {{ safe_ratio('parts.y0', 'parts.m0') }} as nps_before,
        {{ safe_ratio('parts.y1', 'parts.m1') }} as nps_now,
        coalesce({{ safe_ratio('1', 'parts.m0') }}, 0.0) as per_answer_before,
        coalesce({{ safe_ratio('1', 'parts.m1') }}, 0.0) as per_answer_now
        {%- for product in names_of_products(numbers) %},
        wholes.{{ product }} as whole_{{ product }}
        {%- endfor %}
    from parts
    inner join parts as wholes
        on
            parts.period_grain = wholes.period_grain
            and parts.period_start = wholes.period_start
            and parts.previous_start = wholes.previous_start
            and parts.survey_kind = wholes.survey_kind
            and parts.score_scale = wholes.score_scale
            and parts.segment_dimension = wholes.segment_dimension
            and parts.segment_value = wholes.segment_value
            and wholes.part_dimension = 'all'
    where parts.part_dimension <> 'all' and wholes.m0 > 0 and wholes.m1 > 0

),

steps as (

    select
        *,
        coalesce(nps_before, nps_now) as held_before,
        coalesce(nps_now, nps_before) as held_now,
        share_now - share_before as shift,
        (share_now + share_before) / 2 as mean_share,
        coalesce(nps_now - nps_before, 0.0) as rise,
        (coalesce(nps_before, nps_now) + coalesce(nps_now, nps_before) - whole_before - whole_now)
        / 2 as distance,
        {# What the mean of both scores, and their difference, move with each of them. #}
        case when m0 = 0 then 0.0 when m1 = 0 then 1.0 else 0.5 end as mean_of_before,
        case when m1 = 0 then 0.0 when m0 = 0 then 1.0 else 0.5 end as mean_of_now,
        case when m0 > 0 and m1 > 0 then 1.0 else 0.0 end as is_in_both
    from shares

),

{# What an answer and its contribution do to the effect: any answer, through the whole (any_),
   and more so one in the part itself (own_). #}
effects as (

    select
        *,
        'mix' as effect,
        shift * distance as points,
        (distance * share_before + shift * whole_before / 2) / whole_m0 as any_m0,
        -shift / (2 * whole_m0) as any_y0,
        (-distance * share_now + shift * whole_now / 2) / whole_m1 as any_m1,
        -shift / (2 * whole_m1) as any_y1,
        -distance / whole_m0 - shift * mean_of_before * held_before * per_answer_before as own_m0,
        shift * mean_of_before * per_answer_before as own_y0,
        distance / whole_m1 - shift * mean_of_now * held_now * per_answer_now as own_m1,
        shift * mean_of_now * per_answer_now as own_y1
    from steps

    union all

    select
        *,
        'within' as effect,
        mean_share * rise as points,
        -rise * share_before / (2 * whole_m0) as any_m0,
        0.0 as any_y0,
        -rise * share_now / (2 * whole_m1) as any_m1,
        0.0 as any_y1,
        rise / (2 * whole_m0)
        + mean_share * is_in_both * held_before * per_answer_before as own_m0,
        -mean_share * is_in_both * per_answer_before as own_y0,
        rise / (2 * whole_m1) - mean_share * is_in_both * held_now * per_answer_now as own_m1,
        mean_share * is_in_both * per_answer_now as own_y1
    from steps

),

forms as (

    select
        *
        {%- for number in numbers %},
        any_{{ number }} + own_{{ number }} as part_{{ number }}
        {%- endfor %}
    from effects

)

select
    period_grain,
    period_start,
    previous_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    part_dimension,
    part_value,
    effect,
    cast(whole_m0 as bigint) as whole_responses_before,
    cast(whole_m1 as bigint) as whole_responses_now,
    whole_before,
    whole_now,
    cast(m0 as bigint) as responses_before,
    cast(m1 as bigint) as responses_now,
    share_before,
    share_now,
    nps_before,
    nps_now,
    points,
    {# Clusters in the part, and all others; rounding must not make it negative. #}
    greatest(
        0.0,
        {{ sum_of_squares(weights_in('part', numbers)) }}
        + {{ sum_of_squares(weights_in('any', numbers), whose='whole_') }}
        - {{ sum_of_squares(weights_in('any', numbers)) }}
    ) as variance
from forms
