{# The answer from which a customer is followed: its first relational NPS answer given while active,
   without notice, with baseline revenue. First, so that nobody is selected for having stayed.
   Answers of several respondents in that month are averaged. #}
with

candidates as (

    select
        answers.customer_id,
        answers.responded_month as index_month,
        in_cells.standing_cell,
        answers.monthly_baseline_revenue,
        answers.monthly_revenue_a_year_earlier,
        {{ stratum('answers') }} as stratum,
        row_number() over (
            partition by answers.customer_id order by answers.responded_at, answers.response_id
        ) as answer
    from {{ ref('fct_survey_responses') }} as answers
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on answers.response_id = in_cells.response_id
    inner join {{ ref('int_customer_spells') }} as spells
        on
            answers.customer_id = spells.customer_id
            and spells.started_on <= answers.responded_on
            and {{ open_ended('spells.churned_on') }} > answers.responded_on
    where
        answers.survey_kind = 'relational'
        and answers.is_nps
        and not answers.is_repeated
        and answers.monthly_baseline_revenue > 0

),

monthly_contributions as (

    select
        customer_id,
        responded_month,
        avg(cast(contribution as double)) as contribution
    from {{ ref('fct_survey_responses') }}
    where
        survey_kind = 'relational'
        and is_nps
        and customer_id is not null
        and not is_repeated
    group by customer_id, responded_month

),

{# An average of several respondents belongs to the band it is nearest to. #}
index_answers as (

    select
        candidates.*,
        contributions.contribution,
        case
            when contributions.contribution >= 50 then 'promoter'
            when contributions.contribution <= -50 then 'detractor'
            else 'passive'
        end as band
    from candidates
    inner join monthly_contributions as contributions
        on
            candidates.customer_id = contributions.customer_id
            and candidates.index_month = contributions.responded_month
    where candidates.answer = 1

)

select
    row_number() over (order by customer_id) as index_number,
    dense_rank() over (order by standing_cell, stratum, band) as cell_number,
    index_answers.*
from index_answers
