{# The cell of every customer as it stands at as_of: one without an answer. #}
with

customers as (

    select
        customers.customer_id,
        profiles.customer_cell,
        {{ cell_attributes(segment_attributes(['standing'])) }}
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('int_customer_profiles') }} as profiles
        on customers.customer_id = profiles.customer_id

)

select
    customers.customer_id,
    cells.cell,
    cells.standing_cell,
    cells.customer_cell
from customers
inner join {{ ref('int_answer_cells') }} as cells
    on {{ is_in_cell('customers', 'cells', segment_attributes(['standing'])) }}
