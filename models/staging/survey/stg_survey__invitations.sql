{{ config(materialized='view') }}

{{ accepted_rows('survey_invitations', ref('base_survey__invitations')) }}
