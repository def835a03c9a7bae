{{ check_landing(
    'campaign_assignments',
    customers=ref('stg_crm__customers'),
    erasures=ref('stg_privacy__erasure_requests'),
    rates=ref('stg_billing__exchange_rates')
) }}
