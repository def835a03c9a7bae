{{ config(materialized='view') }}

{{ accepted_rows('crm_customers', ref('base_crm__customers')) }}
