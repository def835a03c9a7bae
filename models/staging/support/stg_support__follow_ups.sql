{{ config(materialized='view') }}

{{ accepted_rows('support_follow_ups', ref('base_support__follow_ups')) }}
