select
    coalesce(externalreference, email_hash(recipientemail)) as customer_id,
    recipientemail as email,
from answers
