{# A customer's first answer of each category, and what became of it: contacted or not by the
   landmark, so many days after the answer, and followed from there. A contacted customer was still
   there when it was reached; so must those be who were not contacted, or their early leavers would
   count as a success of caring. Both must be with us, without notice, at the landmark. Who was
   contacted later counts as not contacted. #}
with

ranked_answers as (

    select
        answers.response_id,
        answers.customer_id,
        answers.voice,
        answers.survey_kind,
        answers.category,
        answers.contribution,
        answers.responded_on,
        profiles.customer_cell,
        answers.monthly_baseline_revenue,
        {{ stratum('answers') }} || '|' || {{ score_band('answers.score', 'scales') }} as cell,
        {{ add_days('answers.responded_on', var('caring_landmark_days')) }} as landmark_on,
        row_number() over (
            partition by answers.customer_id, answers.survey_kind, answers.category
            order by answers.responded_at, answers.response_id
        ) as answer
    from {{ ref('fct_survey_responses') }} as answers
    inner join {{ ref('score_scales') }} as scales
        on answers.score_scale = scales.scale
    inner join {{ ref('int_customer_profiles') }} as profiles
        on answers.customer_id = profiles.customer_id
    where answers.is_nps

),

{# Without a closed loop of such answers there is nothing to compare. #}
loops as (

    select distinct
        survey_kind,
        category
    from {{ ref('int_loop_cases') }}
    where contacted_at is not null

),

landmarks as (

    select
        answers.*,
        coalesce(spells.churned_on, clock.as_of) as followed_until,
        spells.churned_on is not null as has_churned,
        clock.last_complete_month
    from ranked_answers as answers
    inner join loops
        on
            answers.survey_kind = loops.survey_kind
            and answers.category = loops.category
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ ref('int_customer_spells') }} as spells
        on
            answers.customer_id = spells.customer_id
            and spells.started_on <= answers.responded_on
            and {{ open_ended('spells.churned_on') }} > answers.landmark_on
    where answers.answer = 1 and answers.landmark_on <= clock.as_of

),

{# The contact of an answer is its first. How it was perceived is said by transactional answers that
   name the case as what they are about. #}
contacts as (

    select
        cases.*,
        row_number() over (
            partition by cases.response_id order by cases.contacted_at, cases.follow_up_id
        ) as contact
    from {{ ref('int_loop_cases') }} as cases
    where cases.contacted_at is not null

),

perceptions as (

    select
        cases.follow_up_id,
        avg(cast(answers.contribution as double)) as contribution
    from {{ ref('int_loop_cases') }} as cases
    inner join {{ ref('fct_survey_responses') }} as answers
        on cases.follow_up_id = answers.interaction_id
    where answers.survey_kind = 'transactional' and answers.is_nps
    group by cases.follow_up_id

),

later_answers as (

    select
        landmarks.response_id,
        later.category,
        later.contribution,
        {{ days_between('landmarks.responded_on', 'later.responded_on') }} as days_waited,
        row_number() over (
            partition by landmarks.response_id order by later.responded_at, later.response_id
        ) as later_answer
    from landmarks
    inner join {{ ref('fct_survey_responses') }} as later
        on
            landmarks.customer_id = later.customer_id
            and landmarks.voice = later.voice
            and landmarks.survey_kind = later.survey_kind
            and landmarks.landmark_on <= later.responded_on
    where later.is_nps

)

select
    landmarks.response_id,
    landmarks.customer_id,
    landmarks.survey_kind,
    landmarks.category,
    landmarks.customer_cell,
    landmarks.monthly_baseline_revenue,
    landmarks.cell,
    landmarks.landmark_on,
    coalesce(cast(contacts.contacted_at as date) < landmarks.landmark_on, false) as is_contacted,
    case
        when contacts.hours_to_contact < 24 then 'within_24_hours'
        when contacts.hours_to_contact < 48 then '24_to_48_hours'
        when contacts.hours_to_contact < 168 then '2_to_7_days'
        when contacts.hours_to_contact is not null then '7_days_and_more'
    end as hours_to_contact,
    contacts.owner_team,
    contacts.root_cause,
    contacts.corrective_action,
    contacts.outcome,
    perceptions.contribution as perceived_contribution,
    case
        when later_answers.days_waited < 182 then 'under_6_months'
        when later_answers.days_waited < 548 then '6_to_18_months'
        when later_answers.days_waited is not null then '18_months_and_more'
    end as wait_band,
    later_answers.contribution - landmarks.contribution as change,
    case
        when later_answers.category = 'promoter' then 1
        when later_answers.contribution > landmarks.contribution then 1
        when later_answers.contribution is not null then 0
    end as has_recovered,
    {{ days_between('landmarks.landmark_on', 'landmarks.followed_until') }} as days_followed,
    landmarks.has_churned,
    {{ month_number('landmarks.last_complete_month') }}
    - {{ month_number('landmarks.landmark_on') }} as months_followed
from landmarks
left join contacts
    on
        landmarks.response_id = contacts.response_id
        and contacts.contact = 1
left join perceptions
    on contacts.follow_up_id = perceptions.follow_up_id
left join later_answers
    on
        landmarks.response_id = later_answers.response_id
        and later_answers.later_answer = 1
