select
    property_associatedcompanyid as customer_id,
    property_email as email,
from contact
