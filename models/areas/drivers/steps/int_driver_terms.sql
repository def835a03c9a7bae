{# How the numbers of a questionnaire translate into those of a segment: the terms that meet in a
   product, by both numbers. Questionnaires that do not ask all of the segment's drivers have no complete
   answer and no row. `needed` is the pattern that an answer must contain. #}
with

chosen as (

    select
        group_number,
        driver,
        score_scale,
        segment_term,
        count(*) over (partition by group_number) as chosen_drivers
    from {{ ref('int_driver_choices') }}
    where segment_term is not null

),

questionnaires as (

    select distinct
        group_number,
        segment_dimension,
        segment_value,
        questionnaire_number
    from {{ ref('int_driver_patterns') }}

),

matched as (

    select
        questionnaires.group_number,
        questionnaires.segment_dimension,
        questionnaires.segment_value,
        questionnaires.questionnaire_number,
        asked.driver_number as questionnaire_term,
        chosen.segment_term,
        chosen.chosen_drivers,
        count(*) over (
            partition by questionnaires.group_number, questionnaires.questionnaire_number
        ) as asked_drivers,
        sum(asked.driver_bit) over (
            partition by questionnaires.group_number, questionnaires.questionnaire_number
        ) as needed
    from questionnaires
    inner join chosen
        on questionnaires.group_number = chosen.group_number
    inner join {{ ref('int_driver_questionnaires') }} as asked
        on
            questionnaires.questionnaire_number = asked.questionnaire_number
            and chosen.driver = asked.driver
            and chosen.score_scale = asked.score_scale
            and asked.driver_number is not null

),

complete as (

    select *
    from matched
    where asked_drivers = chosen_drivers

),

ends as (

    select 0 as term

    union all

    select {{ explained_term() }} as term

)

select
    group_number,
    segment_dimension,
    segment_value,
    questionnaire_number,
    questionnaire_term,
    segment_term,
    cast(needed as int) as needed
from complete

union all

select distinct
    complete.group_number,
    complete.segment_dimension,
    complete.segment_value,
    complete.questionnaire_number,
    ends.term as questionnaire_term,
    ends.term as segment_term,
    cast(complete.needed as int) as needed
from complete
cross join ends
