select id as customer_id, email, from customer
