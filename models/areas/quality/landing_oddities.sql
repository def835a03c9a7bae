with

signs as (

    select
        'billing_invoice_lines' as dataset,
        case when is_turned then 'credit_notes_made_negative' else 'credit_notes_of_both_signs' end
            as oddity,
        source_file as found_in,
        'credit_note' as found,
        positive as row_count,
        case
            when is_turned
                then 'None of its credit notes has a sign, so all are taken as negative.'
            else 'Some of its credit notes are positive and others negative, so each is taken as it'
                || ' is: see that the positive ones are meant.'
        end as says
    from {{ ref('base_billing__credit_note_signs') }}
    where positive > 0

),

shared_ids as (

    select
        'survey_responses' as dataset,
        'id_of_nobody' as oddity,
        client_id as found_in,
        shared_id as found,
        sum(answers) as row_count,
        case
            when id_kind = 'person'
                then
                    'Stands as respondent_id where no person is named, or on more answers than one'
                    || ' person gives: each counts by itself, or for its customer.'
            else
                'Stands as interaction_id where no contact is named, or on more answers than a'
                || ' contact has: each counts by itself.'
        end as says
    from {{ ref('int_shared_ids') }}
    group by id_kind, client_id, shared_id

),

ends as (

    select
        'billing_subscriptions' as dataset,
        'unknown_end_reason' as oddity,
        'end_reason' as found_in,
        subscriptions.end_reason as found,
        count(*) as row_count,
        'No known spelling of a reason to leave, so the cause is unknown.' as says
    from {{ ref('stg_billing__subscriptions') }} as subscriptions
    left join {{ ref('end_reasons') }} as reasons
        on {{ spelling('subscriptions.end_reason') }} = reasons.spelling
    where
        subscriptions.ended_on is not null
        and subscriptions.end_reason is not null
        and subscriptions.end_reason <> 'inactivity'
        and reasons.spelling is null
    group by subscriptions.end_reason

),

arms as (

    select
        'campaign_assignments' as dataset,
        'customers_in_both_arms' as oddity,
        campaign_id as found_in,
        'both' as found,
        count(*) as row_count,
        'Customers assigned to both arms belong to neither and are left out.' as says
    from {{ ref('int_action_assignments') }}
    where is_in_both_arms
    group by campaign_id

),

oddities as (

    select * from signs

    union all

    select * from shared_ids

    union all

    select * from ends

    union all

    select * from arms

)

select
    dataset,
    oddity,
    found_in,
    found,
    cast(row_count as bigint) as row_count,
    says
from oddities
