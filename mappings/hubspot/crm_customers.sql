-- One row per company.
select
    id as customer_id,
    lower(property_type) as customer_type,
    property_industry as industry,
    coalesce(property_state, property_country) as region,
    day_of(property_createdate) as acquired_on,
    property_name as customer_name,
    property_hubspot_owner_id as account_owner,
    utc(property_hs_lastmodifieddate) as updated_at,
from company
order by customer_id
