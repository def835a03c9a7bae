{{ config(materialized='view') }}

{{ accepted_rows('billing_exchange_rates', ref('base_billing__exchange_rates')) }}
