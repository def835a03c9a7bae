with

cells as (

    select
        cell,
        1 as answers,
        0 as customers
    from {{ ref('int_answers_in_cells') }}

    union all

    select
        cell,
        0 as answers,
        1 as customers
    from {{ ref('int_customers_in_cells') }}

),

counted as (

    select
        cell,
        sum(answers) as answers,
        sum(customers) as customers
    from cells
    group by cell

),

segments as (

    {{ by_segment('counted', ['answers', 'customers']) }}

)

select
    segment_dimension,
    segment_value,
    cast(sum(answers) as bigint) as answers,
    cast(sum(customers) as bigint) as customers
from segments
group by segment_dimension, segment_value
