{# Which drivers a segment is explained by. A regression needs answers that rated all of its
   drivers, so they are taken in the order of their ranks as long as enough of the answers rated all
   of them: what few can rate is left out by name, rather than most answers without a name. #}
with

patterns as (

    select
        group_number,
        questionnaire_number,
        rated,
        p_0_0 as answers
    from {{ ref('int_driver_patterns') }}

),

{# The first driver, in the order of ranks, that a pattern lacks: it counts up to the one before. #}
first_missing as (

    select
        patterns.group_number,
        patterns.questionnaire_number,
        patterns.rated,
        max(patterns.answers) as answers,
        min(
            case
                when asked.driver_bit is null or (patterns.rated & asked.driver_bit) = 0
                    then ranks.driver_rank
            end
        ) as missing_rank
    from patterns
    inner join {{ ref('int_driver_ranks') }} as ranks
        on
            patterns.group_number = ranks.group_number
            and ranks.driver_rank <= {{ maximum_drivers() }}
    left join {{ ref('int_driver_questionnaires') }} as asked
        on
            patterns.questionnaire_number = asked.questionnaire_number
            and ranks.driver = asked.driver
            and ranks.score_scale = asked.score_scale
    group by patterns.group_number, patterns.questionnaire_number, patterns.rated

),

answers_by_rank as (

    select
        group_number,
        coalesce(missing_rank, {{ maximum_drivers() }} + 1) as missing_rank,
        sum(answers) as answers
    from first_missing
    group by group_number, coalesce(missing_rank, {{ maximum_drivers() }} + 1)

),

groups as (

    select
        group_number,
        sum(answers) as answers
    from patterns
    group by group_number

),

complete as (

    select
        ranks.group_number,
        ranks.driver,
        sum(
            case
                when answers_by_rank.missing_rank > ranks.driver_rank
                    then answers_by_rank.answers
            end
        ) as complete_answers
    from {{ ref('int_driver_ranks') }} as ranks
    inner join answers_by_rank
        on ranks.group_number = answers_by_rank.group_number
    where ranks.driver_rank <= {{ maximum_drivers() }}
    group by ranks.group_number, ranks.driver

),

judged as (

    select
        ranks.*,
        groups.answers,
        complete.complete_answers,
        coalesce(
            complete.complete_answers >= {{ var('driver_minimum_share') }} * groups.answers, false
        ) as is_chosen
    from {{ ref('int_driver_ranks') }} as ranks
    inner join groups
        on ranks.group_number = groups.group_number
    left join complete
        on
            ranks.group_number = complete.group_number
            and ranks.driver = complete.driver

)

select
    group_number,
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    driver,
    score_scale,
    ratings,
    cast(answers as bigint) as answers,
    cast(
        coalesce(
            min(case when is_chosen then complete_answers end) over (partition by group_number), 0
        ) as bigint
    ) as complete_answers,
    case when is_chosen then driver_rank end as segment_term,
    case
        when is_overall then 'overall_verdict'
        when ratings is null then 'more_than_ten'
        when not is_varying then 'constant'
        when driver_rank > {{ maximum_drivers() }} then 'more_than_ten'
        when not is_chosen then 'too_few_ratings'
    end as exclusion_reason
from judged
