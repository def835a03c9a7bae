with accounts as (
    select *, from account_history
    qualify rank() over (partition by id order by utc(updated_at) desc) = 1
)

select
    id as customer_id,
    account_country as region,
    day_of(created_at) as acquired_on,
    company as customer_name,
    email,
    utc(updated_at) as updated_at,
from accounts
order by customer_id
