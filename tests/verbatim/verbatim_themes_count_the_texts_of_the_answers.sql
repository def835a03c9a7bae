{# Of all time, the texts of the mart are those of the facts: the latest answer of each voice, if it
   has one, whatever themes were found in it. #}
with

answers as (

    select
        survey_kind,
        score_scale,
        redacted_verbatim,
        row_number() over (
            partition by survey_kind, score_scale, counted_as
            order by responded_at desc, response_id desc
        ) as from_the_end
    from {{ ref('fct_survey_responses') }}
    where not is_repeated

),

facts as (

    select
        survey_kind,
        score_scale,
        count(redacted_verbatim) as texts
    from answers
    where from_the_end = 1
    group by survey_kind, score_scale
    having count(redacted_verbatim) > 0

),

mart as (

    select
        survey_kind,
        score_scale,
        sum(mentions) as texts
    from {{ ref('verbatim_themes') }}
    where
        period_grain = 'all_time'
        and segment_dimension = 'all'
        and theme in ('any', 'none')
    group by survey_kind, score_scale

)

select
    coalesce(facts.survey_kind, mart.survey_kind) as survey_kind,
    coalesce(facts.score_scale, mart.score_scale) as score_scale,
    facts.texts as texts_of_the_facts,
    mart.texts as texts_of_the_mart
from facts
full outer join mart
    on facts.survey_kind = mart.survey_kind and facts.score_scale = mart.score_scale
where facts.texts is distinct from mart.texts
