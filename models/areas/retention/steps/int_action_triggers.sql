{# The answer that stands for a customer's opinion when it was assigned: the one named as the
   trigger, or its latest NPS answer before that day. #}
with

candidates as (

    select
        assignments.campaign_id,
        assignments.customer_id,
        answers.response_id,
        answers.category,
        case when answers.is_nps then answers.score end as score,
        {{ score_band('answers.score', 'scales') }} as score_band,
        row_number() over (
            partition by assignments.campaign_id, assignments.customer_id
            order by
                case
                    when answers.response_id = assignments.trigger_response_id then 0 else 1
                end,
                answers.responded_at desc,
                answers.response_id desc
        ) as preference
    from {{ ref('int_action_assignments') }} as assignments
    inner join {{ ref('fct_survey_responses') }} as answers
        on
            assignments.customer_id = answers.customer_id
            and assignments.assigned_on >= answers.responded_on
            and (
                answers.response_id = assignments.trigger_response_id
                or (answers.is_nps and answers.responded_on < assignments.assigned_on)
            )
    inner join {{ ref('score_scales') }} as scales
        on answers.score_scale = scales.scale

)

select
    campaign_id,
    customer_id,
    response_id,
    category,
    cast(score as double) as score,
    score_band
from candidates
where preference = 1
