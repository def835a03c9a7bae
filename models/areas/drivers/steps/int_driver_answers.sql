{# Each answer with its ratings side by side, in the numbers of its questionnaire, whether each is
   below the best its scale has, and the pattern of what the answer rated. #}
with

ratings as (

    select
        ratings.period_grain,
        ratings.response_id,
        questionnaires.questionnaire_number,
        cast(sum(questionnaires.driver_bit) as int) as rated
        {%- for term in driver_terms() %},
        max(case when questionnaires.driver_number = {{ term }} then ratings.rating end)
            as x_{{ term }},
        max(
            case
                when questionnaires.driver_number = {{ term }}
                    then case when ratings.rating < scales.maximum then 1.0 else 0.0 end
            end
        ) as below_{{ term }}
        {%- endfor %}
    from {{ ref('int_driver_ratings') }} as ratings
    inner join {{ ref('int_driver_questionnaires') }} as questionnaires
        on
            ratings.period_grain = questionnaires.period_grain
            and ratings.period_start = questionnaires.period_start
            and ratings.client_id = questionnaires.client_id
            and ratings.customer_type = questionnaires.customer_type
            and ratings.driver = questionnaires.driver
            and ratings.score_scale = questionnaires.score_scale
    inner join {{ ref('score_scales') }} as scales
        on questionnaires.score_scale = scales.scale
    where questionnaires.driver_number is not null
    group by ratings.period_grain, ratings.response_id, questionnaires.questionnaire_number

)

select
    answers.period_grain,
    answers.period_start,
    answers.response_id,
    ratings.questionnaire_number,
    answers.cluster_id,
    answers.cell,
    cast(answers.contribution as double) as contribution,
    ratings.rated
    {%- for term in driver_terms() %},
    ratings.x_{{ term }},
    ratings.below_{{ term }}
    {%- endfor %}
from ratings
inner join {{ ref('int_nps_counted_answers') }} as answers
    on
        ratings.response_id = answers.response_id
        and ratings.period_grain = answers.period_grain
