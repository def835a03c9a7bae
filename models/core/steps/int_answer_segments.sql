{# The bridge of answers: which segments a cell of answers belongs to, those of its customer among
   them. A column that customers and answers both have is the customers'. #}
{% set of_customers = segment_dimensions(['customer']) | rejectattr('is_own')
    | selectattr('is_attribute') | map(attribute='value') | list %}
with

cells as (

    select
        answer_cells.*,
        customer_cells.{{ of_customers | join(',\n        customer_cells.') }}
    from {{ ref('int_answer_cells') }} as answer_cells
    inner join {{ ref('int_customer_cells') }} as customer_cells
        on answer_cells.customer_cell = customer_cells.customer_cell

),

own_segments as (
    {{ segments_of_cells('cells', 'cell', ['standing', 'answer']) }}

),

segments_of_customers as (

    select distinct segment_dimension
    from {{ ref('int_customer_segments') }}

)

select
    cells.cell,
    segments.known_of,
    segments.segment_dimension,
    segments.segment_value
from cells
inner join {{ ref('int_customer_segments') }} as segments
    on cells.customer_cell = segments.customer_cell

union all

select
    own_segments.cell,
    own_segments.known_of,
    own_segments.segment_dimension,
    own_segments.segment_value
from own_segments
left join segments_of_customers
    on own_segments.segment_dimension = segments_of_customers.segment_dimension
where segments_of_customers.segment_dimension is null
