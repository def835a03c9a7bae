{{ config(materialized='view') }}

{{ accepted_rows('survey_responses', ref('base_survey__responses')) }}
