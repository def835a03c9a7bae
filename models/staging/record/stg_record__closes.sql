{{ config(materialized='view') }}

select
    cast(month as date) as month,
    closed_at,
    run,
    figure,
    cast(period_start as date) as period_start,
    part,
    currency,
    cast(value as decimal(28, 6)) as value,
    cast(value_in_currency as decimal(28, 6)) as value_in_currency,
    cast(ledger_amount as decimal(18, 2)) as ledger_amount,
    cast(unexplained as decimal(18, 2)) as unexplained,
    cast(accepted_unexplained as decimal(18, 2)) as accepted_unexplained,
    because
from {{ source('record', 'closes') }}
