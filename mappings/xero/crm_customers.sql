-- Contacts that were sold to; suppliers are contacts too and no customers.
select
    contact.contact_id as customer_id,
    contact.name as customer_name,
    contact.email_address as email,
from contact
where contact.contact_id in (
    select invoice.contact_id, from invoice where coalesce(invoice.type, 'ACCREC') = 'ACCREC'
)
order by customer_id
