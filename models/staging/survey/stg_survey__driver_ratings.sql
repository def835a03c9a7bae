{{ config(materialized='view') }}

{{ accepted_rows('survey_driver_ratings', ref('base_survey__driver_ratings')) }}
