-- Tickets and calls. A ticket of several companies is each one's contact; one of none keeps no
-- customer, and the landing check counts it.
with companies as (
    select distinct ticket_id, company_id, count(*) over (partition by ticket_id) as companies,
    from (select distinct ticket_id, company_id from ticket_company)
),

callers as (
    select
        engagement_id,
        company_id,
        count(*) over (partition by engagement_id) as companies,
    from (select distinct engagement_id, company_id from engagement_company)
)

select
    'ticket-' || ticket.id
    || case when companies.companies > 1 then '-' || companies.company_id else '' end
        as interaction_id,
    companies.company_id as customer_id,
    'fault' as journey_stage,
    case lower(ticket.property_source_type)
        when 'phone' then 'phone'
        when 'chat' then 'web_chat'
        when 'form' then 'portal'
        else 'email'
    end as channel,
    'inbound' as direction,
    ticket.property_hs_ticket_category as reason,
    utc(ticket.property_createdate) as opened_at,
    -- The sample of real exports has tickets closed before they were made: no time to resolve.
    case
        when utc(ticket.property_closed_date) >= utc(ticket.property_createdate)
            then utc(ticket.property_closed_date)
    end as resolved_at,
from ticket
left join companies on ticket.id = companies.ticket_id
union all
select
    'call-' || engagement_call.engagement_id
    || case when callers.companies > 1 then '-' || callers.company_id else '' end,
    callers.company_id,
    'renewal',
    'phone',
    case lower(engagement_call.property_hs_call_direction)
        when 'inbound' then 'inbound'
        when 'outbound' then 'outbound'
    end,
    'call',
    utc(
        coalesce(engagement_call.property_hs_timestamp, engagement_call.property_hs_createdate)
    ),
    null,
from engagement_call
left join callers on engagement_call.engagement_id = callers.engagement_id
order by interaction_id
