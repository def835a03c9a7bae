{# What each transactional answer is about: its own stage, channel and service, and where it names
   none, those of its contact. #}
select
    answers.response_id,
    answers.responded_at,
    {{ named_or_unknown('coalesce(answers.journey_stage, contacts.journey_stage)') }}
        as journey_stage,
    {{ named_or_unknown('coalesce(answers.channel, contacts.channel)') }} as channel,
    {{ named_or_unknown('coalesce(answers.service_line, contacts.service_line)') }} as service_line
from {{ ref('int_answers_voiced') }} as answers
left join {{ ref('fct_interactions') }} as contacts
    on answers.interaction_id = contacts.interaction_id
where answers.survey_kind = 'transactional'
