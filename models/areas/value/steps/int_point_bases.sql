{# The monthly revenue a point is a share of: of all customers active at as_of, and of those among
   them who gave an index answer. #}
with

customers as (

    select
        customers.client_id,
        customers.customer_type,
        customers.region,
        customers.plan_tier,
        customers.tenure_band,
        customers.revenue_band,
        coalesce(cast(customers.monthly_baseline_revenue as double), 0) as revenue,
        case
            when index_answers.customer_id is null then 0
            else coalesce(cast(customers.monthly_baseline_revenue as double), 0)
        end as revenue_of_respondents
    from {{ ref('dim_customers') }} as customers
    left join {{ ref('int_index_answers') }} as index_answers
        on customers.customer_id = index_answers.customer_id
    where customers.is_active

),

by_segments as (

    {{ by_segment(
        'customers', ['revenue', 'revenue_of_respondents'], of=['customer', 'standing']
    ) }}

)

select
    segment_dimension,
    segment_value,
    'active_customers' as base,
    sum(revenue) as monthly_baseline_revenue
from by_segments
group by segment_dimension, segment_value

union all

select
    segment_dimension,
    segment_value,
    'respondents' as base,
    sum(revenue_of_respondents) as monthly_baseline_revenue
from by_segments
group by segment_dimension, segment_value
