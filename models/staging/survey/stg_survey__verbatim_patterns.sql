{{ config(materialized='view') }}

{{ accepted_rows('verbatim_patterns', ref('base_survey__verbatim_patterns')) }}
