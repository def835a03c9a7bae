{{ config(materialized='view') }}

{{ accepted_rows('billing_invoice_lines', ref('base_billing__invoice_lines')) }}
