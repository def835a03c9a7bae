{# An answer as it was given: whose voice it is, what it counts as, its category and its text
   without personal data. What its customer was worth then stands in fct_survey_responses, which
   waits for the bills; this does not. #}
with

responses as (

    select
        responses.*,
        cast(responses.responded_at as date) as responded_on,
        {{ month_of('responses.responded_at') }} as responded_month,
        coalesce(customers.client_id, responses.client_id, 'own') as answers_client_id
    from {{ ref('stg_survey__responses') }} as responses
    left join {{ ref('stg_crm__customers') }} as customers
        on responses.customer_id = customers.customer_id

),

keyed as (

    select
        responses.*,
        {{ voice('responses', 'responses.answers_client_id') }} as voice_as_given,
        case
            when survey_kind = 'transactional' and interaction_id is not null
                then {{ key_of_interaction('responses', 'responses.answers_client_id') }}
        end as contact_as_given
    from responses

),

{# An id that names nobody is none: where it stands for a customer's own, the customer speaks;
   where it is on too many answers, or there is no customer, each answer is a voice of its own. #}
voiced as (

    select
        keyed.*,
        case
            when persons.shared_key is null then keyed.voice_as_given
            when not persons.is_frequent and keyed.customer_id is not null
                then {{ voice_of_customer('keyed') }}
            else {{ voice_of_answer('keyed') }}
        end as voice,
        case when persons.shared_key is null then keyed.respondent_id end as person_id,
        coalesce(persons.is_frequent, false) as is_unknown_person,
        case when contacts.shared_key is null then keyed.contact_as_given end as contact_key
    from keyed
    left join {{ ref('int_shared_ids') }} as persons
        on keyed.voice_as_given = persons.shared_key
    left join {{ ref('int_shared_ids') }} as contacts
        on keyed.contact_as_given = contacts.shared_key

),

with_next as (

    select
        voiced.*,
        case
            when survey_kind = 'transactional'
                then coalesce(contact_key, {{ voice_of_answer('voiced') }})
            else voice
        end as counted_as,
        {% for column in ['responded_at', 'score', 'verbatim'] -%}
        lead({{ column }}) over (
            partition by
                voice, survey_kind, score_scale, contact_key, invitation_id, journey_stage,
                service_line, channel
            order by responded_at, response_id
        ) as next_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from voiced

)

select
    responses.response_id,
    responses.customer_id,
    case
        when not responses.is_unknown_person
            then coalesce(responses.person_id, responses.customer_id)
    end as respondent_id,
    responses.voice,
    responses.counted_as,
    responses.respondent_role,
    responses.answers_client_id as client_id,
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
    coalesce(
        {{ hours_between('responses.responded_at', 'responses.next_responded_at') }} * 60
        <= {{ var('repeat_answer_minutes') }}
        and responses.score = responses.next_score
        and coalesce(responses.verbatim, responses.next_verbatim, '')
        = coalesce(responses.next_verbatim, responses.verbatim, ''),
        false
    ) as is_repeated
from with_next as responses
inner join {{ ref('score_scales') }} as scales
    on responses.score_scale = scales.scale
