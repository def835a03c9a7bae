select contact_id as customer_id, email_address as email, from contact
