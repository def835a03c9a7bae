-- One row per response that answered a question of the kind NPS (selector NPS). Previews and test
-- answers are left out. The customer is what embedded data calls so, else the directory's external
-- reference, else the contact. Texts are all open answers of the response.
with scores as (
    select
        answers.response_id,
        min(score_of(coalesce(answers.value, answers.text))) as score,
    from question_response as answers
    inner join survey_response on answers.response_id = survey_response.id
    inner join question
        on answers.question_id = question.id and survey_response.survey_id = question.survey_id
    where question.selector = 'NPS' and coalesce(answers.value, answers.text) is not null
    group by answers.response_id
),

texts as (
    select
        answers.response_id,
        string_agg(answers.text, ' ' order by answers.question_id) as verbatim,
    from question_response as answers
    inner join survey_response on answers.response_id = survey_response.id
    inner join question
        on answers.question_id = question.id and survey_response.survey_id = question.survey_id
    where question.question_type = 'TE'
    group by answers.response_id
),

embedded as (
    select response_id, max(value) as customer_id,
    from survey_embedded_data
    where
        lower(regexp_replace(key, '[^A-Za-z]', '', 'g'))
        in ('customerid', 'accountid', 'customernumber', 'externalreference')
    group by response_id
),

invited as (
    select
        distribution_contact.response_id,
        max(coalesce(directory_contact.ext_ref, distribution_contact.contact_id)) as customer_id,
        max(distribution_contact.contact_id) as respondent_id,
        max(
            distribution_contact.distribution_id || '-' || distribution_contact.contact_id
        ) as invitation_id,
    from distribution_contact
    left join directory_contact on distribution_contact.contact_id = directory_contact.id
    where distribution_contact.response_id is not null
    group by distribution_contact.response_id
)

select
    survey_response.id as response_id,
    coalesce(embedded.customer_id, invited.customer_id) as customer_id,
    invited.respondent_id,
    'relational' as survey_kind,
    survey_response.distribution_channel as channel,
    invited.invitation_id,
    utc(survey_response.recorded_date) as responded_at,
    scores.score,
    texts.verbatim,
    lower(survey_response.user_language) as language,
from survey_response
inner join scores on survey_response.id = scores.response_id
left join texts on survey_response.id = texts.response_id
left join embedded on survey_response.id = embedded.response_id
left join invited on survey_response.id = invited.response_id
where coalesce(survey_response.status, '0') not in ('1', '2', '16', 'Survey Preview', 'Survey Test')
order by response_id
