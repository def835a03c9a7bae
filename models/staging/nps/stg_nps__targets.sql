{{ config(materialized='view') }}

{{ accepted_rows('nps_targets', ref('base_nps__targets')) }}
