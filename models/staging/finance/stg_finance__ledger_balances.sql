{{ config(materialized='view') }}

{{ accepted_rows('finance_ledger_balances', ref('base_finance__ledger_balances')) }}
