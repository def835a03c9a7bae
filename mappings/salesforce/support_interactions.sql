-- Cases, and tasks and events that are calls. Others are plans, not contacts.
select
    'case-' || support_case.id as interaction_id,
    coalesce(support_case.account_id, contact.account_id) as customer_id,
    'fault' as journey_stage,
    case lower(support_case.origin)
        when 'phone' then 'phone'
        when 'web' then 'portal'
        when 'chat' then 'web_chat'
        else 'email'
    end as channel,
    'inbound' as direction,
    coalesce(support_case.reason, support_case.type) as reason,
    utc(support_case.created_date) as opened_at,
    utc(support_case.closed_date) as resolved_at,
    case when support_case.type is not null then lower(support_case.type) = 'complaint' end
        as is_complaint,
from "case" as support_case
left join contact on support_case.contact_id = contact.id
union all
select
    'task-' || id,
    account_id,
    'renewal',
    'phone',
    case lower(call_type) when 'inbound' then 'inbound' when 'outbound' then 'outbound' end,
    'call',
    utc(coalesce(created_date, activity_date)),
    null,
    null,
from task
where lower(coalesce(task_subtype, type)) = 'call' or lower(type) = 'call'
union all
select
    'event-' || id,
    account_id,
    'renewal',
    'phone',
    null,
    'call',
    utc(coalesce(start_date_time, activity_date_time, created_date)),
    null,
    null,
from event
where lower(type) = 'call'
order by interaction_id
