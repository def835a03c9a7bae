{{ check_landing(
    'billing_subscriptions',
    customers=ref('stg_crm__customers'),
    erasures=ref('stg_privacy__erasure_requests')
) }}
