-- What one month ends with the next begins with, in every segment, and all of it is in the core.
with

months as (

    select
        month,
        segment_dimension,
        segment_value,
        opening,
        lag(closing) over (partition by segment_dimension, segment_value order by month) as closed,
        lag(month) over (partition by segment_dimension, segment_value order by month)
            as month_before
    from {{ ref('revenue_movements') }}

),

recurring as (

    select
        revenue_month as month,
        sum(recurring) as recurring
    from {{ ref('fct_customer_revenue_monthly') }}
    group by revenue_month

)

select
    month,
    segment_dimension,
    segment_value,
    'begins with what the month before ended with' as rule
from months
where opening <> closed and month_before = {{ add_months('month', -1) }}

union all

select
    movements.month,
    movements.segment_dimension,
    movements.segment_value,
    'is in the core' as rule
from {{ ref('revenue_movements') }} as movements
inner join recurring
    on movements.month = recurring.month
where
    movements.segment_dimension = 'all'
    and movements.closing <> recurring.recurring
