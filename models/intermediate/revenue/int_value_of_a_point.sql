{# What other marts multiply points by: the adjusted value of one point for all active customers of
   a segment. NULL where the segment has too few customers to say. #}
{{ config(materialized='view') }}

select
    segment_dimension,
    segment_value,
    cast(revenue_per_point as double) as value_of_a_point,
    cast(standard_error as double) as value_standard_error,
    currency
from {{ ref('revenue_per_point') }}
where adjustment = 'adjusted' and base = 'active_customers'
