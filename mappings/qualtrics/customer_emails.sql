select coalesce(ext_ref, id) as customer_id, email, from directory_contact
