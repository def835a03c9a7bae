-- Shapley's shares leave nothing of R² over.
select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    sum(importance) as total
from {{ ref('nps_drivers') }}
where is_included and r_squared > 0
group by period_grain, period_start, segment_dimension, segment_value
having not coalesce(abs(sum(importance) - 1) <= 1e-9, false)
