{# What came before each answer, by stage and over all stages; what did not come has no row. Nothing
   that happened at the time of the answer or later counts, neither a contact nor its resolution. #}
with

contacts as (

    select
        answers.answer_number,
        coalesce(contacts.journey_stage, 'all') as journey_stage,
        count(*) as contacts,
        sum(case when contacts.is_complaint then 1 else 0 end) as complaints,
        sum(case when contacts.is_fault then 1 else 0 end) as faults,
        sum(case when contacts.is_repeat then 1 else 0 end) as repeats,
        sum(
            case
                when
                    contacts.slow_from < answers.answered_at
                    and (
                        contacts.resolved_at is null
                        or contacts.resolved_at > contacts.slow_from
                    )
                    then 1
                else 0
            end
        ) as slow
    from {{ ref('int_journey_answers') }} as answers
    inner join {{ ref('int_contacts_marked') }} as contacts
        on
            answers.customer_id = contacts.customer_id
            and contacts.opened_at >= answers.exposed_from
            and contacts.opened_at < answers.answered_at
    group by answers.answer_number, rollup(contacts.journey_stage)

),

without_contact as (

    select answers.answer_number
    from {{ ref('int_journey_answers') }} as answers
    left join contacts
        on
            answers.answer_number = contacts.answer_number
            and contacts.journey_stage = 'all'
    where contacts.answer_number is null

)

{% for exposure in journey_exposures() %}
select
    answer_number,
    journey_stage,
    '{{ exposure.name }}' as exposure
from contacts
where {{ exposure.condition }}

union all
{% endfor %}
select
    answer_number,
    'all' as journey_stage,
    'no_contact' as exposure
from without_contact
