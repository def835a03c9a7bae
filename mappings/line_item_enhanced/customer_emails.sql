select customer_id, customer_email as email, from line_item_enhanced
