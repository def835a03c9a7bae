{{ check_landing(
    'crm_customers',
    erasures=ref('stg_privacy__erasure_requests')
) }}
