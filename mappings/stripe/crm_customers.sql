select
    id as customer_id,
    coalesce(address_state, address_country) as region,
    day_of(created) as acquired_on,
    name as customer_name,
    email,
    phone,
from customer
order by customer_id
