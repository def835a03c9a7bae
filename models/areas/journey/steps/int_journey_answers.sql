{# One voice per customer: the mean of what its respondents answered in the month of its latest
   answer, looked back from the first of these answers, so that no contact after any of them counts.
   Only answers before which the contacts are known for the whole time looked back. #}
with

answers as (

    select
        counted.survey_kind,
        counted.score_scale,
        counted.customer_id,
        counted.period_start as responded_month,
        answers.response_id,
        answers.responded_at,
        {{ add_hours('answers.responded_at', -24 * var('exposure_days')) }} as exposed_from,
        cast(answers.contribution as double) as contribution,
        answers.client_id,
        in_cells.standing_cell,
        {{ stratum('answers') }} as stratum
    from {{ ref('int_nps_counted_answers') }} as counted
    inner join {{ ref('fct_survey_responses') }} as answers
        on counted.response_id = answers.response_id
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on counted.response_id = in_cells.response_id
    where counted.period_grain = 'month' and counted.customer_id is not null

),

ranked as (

    select
        answers.*,
        avg(answers.contribution) over (
            partition by
                answers.survey_kind,
                answers.score_scale,
                answers.customer_id,
                answers.responded_month
        ) as mean_contribution,
        row_number() over (
            partition by answers.survey_kind, answers.score_scale, answers.customer_id
            order by
                answers.responded_month desc, answers.responded_at asc, answers.response_id asc
        ) as answer
    from answers
    inner join {{ ref('int_contact_histories') }} as histories
        on
            answers.client_id = histories.client_id
            and answers.exposed_from >= histories.known_from
            and answers.responded_at <= histories.known_until

)

select
    row_number() over (order by survey_kind, score_scale, customer_id) as answer_number,
    dense_rank() over (order by survey_kind, score_scale, standing_cell, stratum) as cell_number,
    survey_kind,
    score_scale,
    customer_id,
    responded_at as answered_at,
    exposed_from,
    mean_contribution as contribution,
    standing_cell,
    stratum
from ranked
where answer = 1
