{{ config(materialized='view') }}

{{ accepted_rows('finance_initiatives', ref('base_finance__initiatives')) }}
