{{ config(materialized='view') }}

{{ accepted_rows('support_interactions', ref('base_support__interactions')) }}
