select
    coalesce(organization.external_id, "user".organization_id, "user".external_id, "user".id)
        as customer_id,
    "user".email,
from "user"
left join organization on "user".organization_id = organization.id
