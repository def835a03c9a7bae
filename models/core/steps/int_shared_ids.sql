{# Ids that name nobody: a word for nobody (seed placeholder_ids), or an id carried by so large a
   share of a client's answers, under one customer or none, that no person or contact can be
   behind it. A person may answer often, so its id must also come more often than persons do, or,
   without a customer, on most of all answers. A contact is not asked about so often, whoever it
   is. #}
with

answers as (

    select
        responses.response_id,
        responses.customer_id,
        responses.respondent_id,
        responses.interaction_id,
        responses.survey_kind,
        cast(responses.responded_at as date) as responded_on,
        coalesce(customers.client_id, responses.client_id, 'own') as client_id
    from {{ ref('stg_survey__responses') }} as responses
    left join {{ ref('stg_crm__customers') }} as customers
        on responses.customer_id = customers.customer_id

),

{# The share is one of relational answers for a person, of transactional ones for a contact. #}
carried as (

    select
        'person' as id_kind,
        respondent_id as shared_id,
        client_id,
        customer_id,
        {{ voice('answers', 'answers.client_id') }} as shared_key,
        case when survey_kind = 'relational' then responded_on end as counted_on
    from answers
    where respondent_id is not null and respondent_id is distinct from customer_id

    union all

    select
        'contact' as id_kind,
        interaction_id as shared_id,
        client_id,
        customer_id,
        {{ key_of_interaction('answers', 'answers.client_id') }} as shared_key,
        responded_on as counted_on
    from answers
    where interaction_id is not null and survey_kind = 'transactional'

),

ids as (

    select
        id_kind,
        shared_id,
        client_id,
        customer_id,
        shared_key,
        count(*) as answers,
        count(counted_on) as counted,
        {{ days_between('min(counted_on)', 'max(counted_on)') }} as days
    from carried
    group by id_kind, shared_id, client_id, customer_id, shared_key

),

clients as (

    select
        client_id,
        sum(case when survey_kind = 'relational' then 1 else 0 end) as of_persons,
        sum(case when survey_kind = 'transactional' then 1 else 0 end) as of_contacts
    from answers
    group by client_id

),

judged as (

    select
        ids.*,
        {# Three words that dbt reads as no value where they stand in a seed. #}
        placeholders.spelling is not null
        or {{ spelling('ids.shared_id') }} in ('na', 'none', 'null') as is_placeholder,
        {{ safe_ratio(
            'ids.counted',
            "case ids.id_kind when 'person' then clients.of_persons else clients.of_contacts end"
        ) }} as share
    from ids
    inner join clients
        on ids.client_id = clients.client_id
    left join {{ ref('placeholder_ids') }} as placeholders
        on {{ spelling('ids.shared_id') }} = placeholders.spelling

),

named as (

    select
        *,
        coalesce(
            counted >= {{ var('shared_id_minimum') }}
            and share >= {{ var('shared_id_share') }}
            and (
                id_kind = 'contact'
                or days < {{ var('shared_id_days') }} * (counted - 1)
                or (customer_id is null and share >= 0.5)
            ),
            false
        ) as is_frequent
    from judged

)

select
    shared_key,
    id_kind,
    shared_id,
    client_id,
    customer_id,
    answers,
    is_placeholder,
    is_frequent
from named
where is_placeholder or is_frequent
