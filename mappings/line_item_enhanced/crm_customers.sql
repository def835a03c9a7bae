select
    customer_id,
    coalesce(max(customer_state), max(customer_country)) as region,
    min(day_of(customer_created_at)) as acquired_on,
    max(coalesce(customer_company, customer_name)) as customer_name,
    max(customer_email) as email,
from line_item_enhanced
where customer_id is not null
group by customer_id
order by customer_id
