select customer_id, email, from answers
