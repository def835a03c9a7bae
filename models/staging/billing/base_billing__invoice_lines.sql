{{ check_landing(
    'billing_invoice_lines',
    customers=ref('stg_crm__customers'),
    erasures=ref('stg_privacy__erasure_requests'),
    rates=ref('stg_billing__exchange_rates'),
    horizon=ref('base_clock__horizon'),
    secret=source('landing_log', 'secret')
) }}
