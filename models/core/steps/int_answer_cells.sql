{# Cells of answers: every combination of a cell of customers, a standing and attributes of an
   answer, numbered. Invitations and customers stand in such cells too; a standing is one without an
   answer. #}
{% set standing = segment_attributes(['standing']) %}
{% set attributes = segment_attributes(['standing', 'answer']) %}
with

described as (

    select
        customer_cell,
        {{ cell_attributes(attributes) }}
    from {{ ref('int_answers_described') }}

    union

    select
        customer_cell,
        {{ cell_attributes(standing + ['channel']) }}
    from {{ ref('int_invitations_described') }}

    union

    select
        profiles.customer_cell,
        {{ cell_attributes(standing) }}
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('int_customer_profiles') }} as profiles
        on customers.customer_id = profiles.customer_id

),

with_standings as (

    select * from described

    union

    select
        customer_cell,
        {{ cell_attributes(standing) }}
    from described

),

{# Nothing stands before something: the first cell of a standing is the one without an answer. #}
numbered as (

    select
        row_number() over (
            order by
                customer_cell asc
                {%- for attribute in attributes %},
                {{ attribute }} asc nulls first
                {%- endfor %}
        ) as cell,
        *
    from with_standings

)

select
    cell,
    min(cell) over (partition by customer_cell, {{ standing | join(', ') }}) as standing_cell,
    customer_cell,
    {{ attributes | join(',\n    ') }}
from numbered
