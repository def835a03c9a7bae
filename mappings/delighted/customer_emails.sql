select "Customer ID" as customer_id, "Email" as email, from answers
