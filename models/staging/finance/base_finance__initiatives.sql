{{ check_landing(
    'finance_initiatives',
    rates=ref('stg_billing__exchange_rates')
) }}
