{# The monthly revenue a point is a share of: of all customers active at as_of, and of those among
   them who gave an index answer. #}
with

cells as (

    select
        in_cells.standing_cell,
        sum(coalesce(cast(customers.monthly_baseline_revenue as double), 0)) as revenue,
        sum(
            case
                when index_answers.customer_id is null then 0
                else coalesce(cast(customers.monthly_baseline_revenue as double), 0)
            end
        ) as revenue_of_respondents
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('int_customers_in_cells') }} as in_cells
        on customers.customer_id = in_cells.customer_id
    left join {{ ref('int_index_answers') }} as index_answers
        on
            customers.customer_id = index_answers.customer_id
            and index_answers.answer_number = 1
    where customers.is_active
    group by in_cells.standing_cell

),

by_segments as (

    {{ by_segment(
        'cells', ['revenue', 'revenue_of_respondents'], of=['customer', 'standing']
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
