select
    month,
    part as invoice_currency,
    closed_at,
    run,
    cast(value as decimal(18, 2)) as recognised_in_reporting_currency,
    cast(value_in_currency as decimal(18, 2)) as recognised_amount,
    ledger_amount,
    unexplained,
    accepted_unexplained,
    because,
    currency
from {{ ref('stg_record__closes') }}
where figure = 'recognised_revenue'
