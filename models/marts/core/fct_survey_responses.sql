with

responses as (

    select
        *,
        cast(responded_at as date) as responded_on,
        {{ month_of('responded_at') }} as responded_month
    from {{ ref('stg_survey__responses') }}

)

select
    responses.response_id,
    responses.customer_id,
    coalesce(responses.respondent_id, responses.customer_id) as respondent_id,
    responses.respondent_role,
    coalesce(standing.client_id, responses.client_id, 'own') as client_id,
    standing.customer_type,
    standing.region,
    standing.plan_tier,
    responses.survey_kind,
    responses.score_scale,
    scales.is_nps,
    responses.responded_at,
    responses.responded_on,
    responses.responded_month,
    cast(responses.score as decimal(9, 4)) as score,
    {{ score_category('responses.score', 'scales') }} as category,
    {{ score_contribution(score_category('responses.score', 'scales')) }} as contribution,
    responses.journey_stage,
    responses.service_line,
    responses.channel,
    responses.invitation_id,
    responses.interaction_id,
    {{ redact('responses.verbatim') }} as redacted_verbatim,
    responses.language,
    standing.monthly_baseline_revenue,
    standing.trailing_revenue,
    standing.monthly_revenue_a_year_earlier,
    case
        when responses.customer_id is not null
            then {{ tenure_band('standing.customer_since', 'responses.responded_on') }}
    end as tenure_band,
    standing.revenue_band
from responses
inner join {{ ref('score_scales') }} as scales
    on responses.score_scale = scales.scale
left join {{ ref('int_customer_standing') }} as standing
    on
        responses.customer_id = standing.customer_id
        and responses.responded_month = standing.asked_month
