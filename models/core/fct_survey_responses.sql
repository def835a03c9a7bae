with

answers as (

    select
        *,
        {{ next_responded_on(repeated='is_repeated') }} as next_responded_on
    from {{ ref('int_answers_voiced') }}

)

select
    answers.response_id,
    answers.customer_id,
    answers.respondent_id,
    answers.voice,
    answers.counted_as,
    answers.respondent_role,
    answers.client_id,
    standing.customer_type,
    standing.region,
    standing.plan_tier,
    answers.survey_kind,
    answers.score_scale,
    answers.is_nps,
    answers.responded_at,
    answers.responded_on,
    answers.responded_month,
    answers.score,
    answers.category,
    answers.contribution,
    answers.journey_stage,
    answers.service_line,
    answers.channel,
    answers.invitation_id,
    answers.interaction_id,
    answers.redacted_verbatim,
    answers.language,
    answers.is_repeated,
    not answers.is_repeated
    and coalesce(answers.next_responded_on > answers.responded_on, true) as is_latest_of_day,
    standing.monthly_baseline_revenue,
    standing.trailing_revenue,
    standing.monthly_revenue_a_year_earlier,
    case
        when answers.customer_id is not null
            then {{ tenure_band('standing.customer_since', 'answers.responded_on') }}
    end as tenure_band,
    standing.revenue_band,
    {{ reporting_currency() }} as currency
from answers
left join {{ ref('int_customer_standing') }} as standing
    on
        answers.customer_id = standing.customer_id
        and answers.responded_month = standing.asked_month
