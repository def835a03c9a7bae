{{ config(materialized='view') }}

{{ accepted_rows('billing_subscriptions', ref('base_billing__subscriptions')) }}
