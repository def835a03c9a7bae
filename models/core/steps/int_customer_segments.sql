{# The bridge of customers: which segments a cell of customers belongs to. A user's segment that no
   customer has is none of customers. #}
{% set own = segment_dimensions(['customer'])
    | selectattr('is_own') | map(attribute='name') | list %}
with

cells as (

    select * from {{ ref('int_customer_cells') }}

),

segments as (
    {{ segments_of_cells('cells', 'customer_cell', ['customer']) }}
)

select
    customer_cell,
    known_of,
    segment_dimension,
    segment_value
from segments
{% if own -%}
where
    segment_dimension not in ('{{ own | join("', '") }}')
    or segment_dimension in (
        select segment_dimension
        from segments
        where segment_value is not null
    )
{%- endif %}
