select account_id as customer_id, email, from contact
