select "Customer ID" as customer_id, coalesce("Email Address", "Username") as email, from answers
