{{ config(materialized='view') }}

{{ accepted_rows('campaign_assignments', ref('base_campaigns__assignments')) }}
