{# Ratings inside the relational NPS answers that count, by year and over all time: a month has too
   few for an estimate. #}
{{ config(materialized='view') }}

select
    counted.period_grain,
    counted.period_start,
    counted.response_id,
    counted.client_id,
    coalesce(counted.customer_type, 'unknown') as customer_type,
    ratings.driver,
    ratings.score_scale,
    cast(ratings.rating as double) as rating
from {{ ref('int_nps_counted_answers') }} as counted
inner join {{ ref('score_scales') }} as scales
    on
        counted.score_scale = scales.scale
        and scales.is_nps
inner join {{ ref('stg_survey__driver_ratings') }} as ratings
    on counted.response_id = ratings.response_id
where counted.survey_kind = 'relational' and counted.period_grain in ('year', 'all_time')
