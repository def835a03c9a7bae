{# Cells of customers: every combination of attributes that customers have, numbered. An anonymous
   answer has a client and nothing else; cell 0 is those of whom nothing is known. #}
{% set attributes = segment_attributes(['customer']) %}
with

described as (

    select
        {{ attributes | join(',\n        ') }}
    from {{ ref('stg_crm__customers') }}

    union

    select
        {% for attribute in attributes -%}
        {% if attribute == 'client_id' -%}
        coalesce(client_id, 'own') as client_id
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as {{ attribute }}
        {%- endif %}{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ ref('stg_survey__responses') }}
    where customer_id is null

)

select
    cast(0 as bigint) as customer_cell,
    {% for attribute in attributes -%}
    cast(null as {{ dbt.type_string() }}) as {{ attribute }}{{ ',' if not loop.last }}
    {% endfor %}

union all

select
    row_number() over (
        order by
            {% for attribute in attributes -%}
            {{ attribute }} asc nulls last{{ ',' if not loop.last }}
            {% endfor %}
    ) as customer_cell,
    {{ attributes | join(',\n    ') }}
from described
