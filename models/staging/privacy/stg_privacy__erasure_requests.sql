{{ config(materialized='view') }}

{{ accepted_rows('privacy_erasure_requests', ref('base_privacy__erasure_requests')) }}
