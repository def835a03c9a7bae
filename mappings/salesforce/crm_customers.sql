-- One row per account. Where the history of accounts is landed, when the type was last changed says
-- since when this row holds.
with changes as (
    select id, max(utc(_fivetran_start)) as changed_at, from account_history group by id
)

select
    account.id as customer_id,
    lower(account.type) as customer_type,
    account.industry,
    coalesce(account.billing_state, account.billing_country) as region,
    day_of(account.created_date) as acquired_on,
    lower(replace(account.account_source, ' ', '_')) as acquisition_source,
    account.name as customer_name,
    account.phone,
    account.owner_id as account_owner,
    coalesce(changes.changed_at, utc(account.last_modified_date)) as updated_at,
from account
left join changes on account.id = changes.id
order by customer_id
