with

directions as (

    select
        directions.*,
        bases.monthly_baseline_revenue,
        directions.from_customers >= {{ var('minimum_responses') }}
        and directions.to_customers >= {{ var('minimum_responses') }}
        and directions.months = estimates.observed_months
        and estimates.is_reportable as is_reportable
    from {{ ref('int_direction_estimates') }} as directions
    inner join {{ ref('int_point_estimates') }} as estimates
        on
            directions.segment_dimension = estimates.segment_dimension
            and directions.segment_value = estimates.segment_value
            and estimates.adjustment = 'adjusted'
    inner join {{ ref('int_point_bases') }} as bases
        on
            directions.segment_dimension = bases.segment_dimension
            and directions.segment_value = bases.segment_value
            and bases.base = 'active_customers'

),

in_money as (

    select
        *,
        {{ point_value('total') }} as revenue_per_point,
        {{ point_value('standard_error') }} as standard_error_in_money,
        {{ point_margin('standard_error') }} as margin
    from directions

)

select
    segment_dimension,
    segment_value,
    direction,
    cast(coalesce(from_customers, 0) as bigint) as from_customers,
    cast(coalesce(to_customers, 0) as bigint) as to_customers,
    {# A mean of weights may miss 200, the whole scale, by its last digit. #}
    case when contribution_distance > 200 then 200 else contribution_distance end
        as contribution_distance,
    {{ safe_ratio('1', 'contribution_distance') }} as share_of_base_per_point,
    {{ when_reportable('total * contribution_distance') }} as revenue_difference,
    revenue_per_point,
    standard_error_in_money as standard_error,
    {{ bounds('revenue_per_point', 'margin', 'lower', 'upper') }},
    'adjusted' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from in_money
