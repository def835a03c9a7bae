-- Who opened tickets: organisations, and people who belong to none. The key is what another system
-- calls them (external_id) when Zendesk was told.
with people as (
    select
        coalesce(external_id, id) as customer_id,
        email,
    from "user"
    where coalesce(role, 'end-user') = 'end-user' and organization_id is null
)

select
    coalesce(external_id, id) as customer_id,
    name as customer_name,
    cast(null as varchar) as email,
    utc(updated_at) as updated_at,
from organization
union all
select
    customer_id,
    null as customer_name,
    email,
    null as updated_at,
from people
order by customer_id
