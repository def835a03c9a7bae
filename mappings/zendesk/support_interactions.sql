-- One row per ticket that a customer opened. A merged ticket is the other ticket's: it is left out,
-- as are deleted ones. A reopened ticket is resolved when it was last solved; whether it is solved
-- now is the ticket's own status. The customer is the organisation, or the person who has none.
with solved as (
    select
        ticket_id,
        max(utc(updated)) as solved_at,
    from ticket_field_history
    where field_name = 'status' and value in ('solved', 'closed')
    group by ticket_id
),

first_closed as (
    -- `closed` follows `solved` by itself, days later: the last change to solved is what counts.
    select
        ticket_id,
        max(utc(updated)) as solved_at,
    from ticket_field_history
    where field_name = 'status' and value = 'solved'
    group by ticket_id
),

merged as (
    select distinct unnest(regexp_extract_all(merged_ticket_ids, '\d+')) as id,
    from ticket
)

select
    ticket.id as interaction_id,
    coalesce(customers.external_id, ticket.organization_id, people.external_id, ticket.requester_id)
        as customer_id,
    'fault' as journey_stage,
    case
        when ticket.via_channel in ('voice', 'phone') then 'phone'
        when ticket.via_channel in ('chat', 'chat_transcript', 'native_messaging', 'web_widget')
            then 'web_chat'
        when ticket.via_channel in ('whatsapp') then 'whatsapp'
        when ticket.via_channel in ('facebook', 'twitter', 'instagram_dm', 'any_channel') then 'social'
        when ticket.via_channel in ('web', 'api', 'mobile', 'mobile_sdk', 'help_center') then 'portal'
        else 'email'
    end as channel,
    'inbound' as direction,
    ticket.type as reason,
    utc(ticket.created_at) as opened_at,
    case
        when ticket.status in ('solved', 'closed')
            then coalesce(first_closed.solved_at, solved.solved_at, utc(ticket.updated_at))
    end as resolved_at,
    case when ticket.type is not null then ticket.type in ('incident', 'problem') end as is_fault,
from ticket
left join organization as customers on ticket.organization_id = customers.id
left join "user" as people on ticket.requester_id = people.id
left join solved on ticket.id = solved.ticket_id
left join first_closed on ticket.id = first_closed.ticket_id
where
    coalesce(ticket.status, '') <> 'deleted'
    and ticket.id not in (select merged.id from merged)
order by interaction_id
