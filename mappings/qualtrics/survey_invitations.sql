select
    distribution_contact.distribution_id || '-' || distribution_contact.contact_id as invitation_id,
    coalesce(directory_contact.ext_ref, distribution_contact.contact_id) as customer_id,
    distribution_contact.contact_id as respondent_id,
    'relational' as survey_kind,
    'email' as channel,
    utc(distribution_contact.sent_at) as sent_at,
from distribution_contact
left join directory_contact on distribution_contact.contact_id = directory_contact.id
where distribution_contact.sent_at is not null
order by invitation_id
