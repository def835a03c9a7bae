{{ check_landing(
    'survey_invitations',
    customers=ref('stg_crm__customers'),
    erasures=ref('stg_privacy__erasure_requests')
) }}
