select custom_data_1 as customer_id, email_address as email, from answers
