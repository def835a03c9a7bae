{# The drivers a segment could be explained by, the most often rated first. A driver that everybody
   rated alike explains nothing and has no rank. #}
with

questionnaires as (

    select
        group_number,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        questionnaire_number
        {%- for term in driver_terms() %},
        sum(case when p_{{ term }}_{{ term }} is not null then p_0_0 end) as ratings_{{ term }},
        sum(p_0_{{ term }}) as total_{{ term }},
        sum(p_{{ term }}_{{ term }}) as squares_{{ term }}
        {%- endfor %}
    from {{ ref('int_driver_patterns') }}
    group by
        group_number,
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        questionnaire_number

),

ratings as (

    select
        questionnaires.group_number,
        questionnaires.period_grain,
        questionnaires.period_start,
        questionnaires.segment_dimension,
        questionnaires.segment_value,
        asked.driver,
        asked.score_scale,
        asked.is_overall,
        sum({{ value_of_driver('questionnaires.ratings', 'asked.driver_number') }}) as ratings,
        sum({{ value_of_driver('questionnaires.total', 'asked.driver_number') }}) as total,
        sum({{ value_of_driver('questionnaires.squares', 'asked.driver_number') }}) as squares
    from questionnaires
    inner join {{ ref('int_driver_questionnaires') }} as asked
        on questionnaires.questionnaire_number = asked.questionnaire_number
    group by
        questionnaires.group_number,
        questionnaires.period_grain,
        questionnaires.period_start,
        questionnaires.segment_dimension,
        questionnaires.segment_value,
        asked.driver,
        asked.score_scale,
        asked.is_overall

),

{# Clients may ask the same on different scales: that of most ratings stands for the segment. #}
ranked_scales as (

    select
        *,
        ratings * squares - total * total > 1e-12 * ratings * squares as is_varying,
        row_number() over (
            partition by group_number, driver order by ratings desc nulls last, score_scale asc
        ) as scale_rank
    from ratings

)

select
    candidates.group_number,
    candidates.period_grain,
    candidates.period_start,
    candidates.segment_dimension,
    candidates.segment_value,
    candidates.driver,
    candidates.score_scale,
    candidates.is_overall,
    cast(candidates.ratings as bigint) as ratings,
    candidates.is_varying,
    case
        when candidates.is_varying
            then cast(
                row_number() over (
                    partition by candidates.group_number
                    order by
                        case when candidates.is_varying then 0 else 1 end asc,
                        candidates.ratings desc nulls last,
                        drivers.display_order asc nulls last,
                        candidates.driver asc
                ) as int
            )
    end as driver_rank
from ranked_scales as candidates
left join {{ ref('drivers') }} as drivers
    on candidates.driver = drivers.driver
where candidates.scale_rank = 1
