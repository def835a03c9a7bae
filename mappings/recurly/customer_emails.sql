select id as customer_id, email, from account_history
