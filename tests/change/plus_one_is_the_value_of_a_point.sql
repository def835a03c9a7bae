-- The scenario of one point is the published value of a point.
select
    scenarios.segment_dimension,
    scenarios.segment_value,
    scenarios.revenue,
    point_values.revenue_per_point
from {{ ref('revenue_scenarios') }} as scenarios
left join {{ ref('revenue_per_point') }} as point_values
    on
        scenarios.segment_dimension = point_values.segment_dimension
        and scenarios.segment_value = point_values.segment_value
        and point_values.adjustment = 'adjusted'
        and point_values.base = 'active_customers'
where
    scenarios.scenario = '+1'
    and (
        scenarios.revenue is distinct from point_values.revenue_per_point
        or scenarios.lower is distinct from point_values.lower
        or scenarios.upper is distinct from point_values.upper
    )
