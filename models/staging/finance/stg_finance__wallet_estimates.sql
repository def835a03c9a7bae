{{ config(materialized='view') }}

{{ accepted_rows('finance_wallet_estimates', ref('base_finance__wallet_estimates')) }}
