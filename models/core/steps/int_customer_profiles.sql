with

first_contracts as (

    select
        customer_id,
        min(started_on) as first_started_on
    from {{ ref('int_customer_spells') }}
    group by customer_id

),

first_revenue as (

    select
        customer_id,
        min(revenue_month) as first_revenue_month
    from {{ ref('fct_customer_revenue_monthly') }}
    where net_revenue > 0
    group by customer_id

)

select
    customers.customer_id,
    cells.customer_cell,
    customers.client_id,
    customers.customer_type,
    customers.industry,
    customers.region,
    customers.plan_tier,
    customers.acquired_on,
    customers.acquisition_source,
    customers.referred_by_customer_id,
    coalesce(
        customers.acquired_on, first_contracts.first_started_on, first_revenue.first_revenue_month
    ) as customer_since,
    first_revenue.first_revenue_month
from {{ ref('stg_crm__customers') }} as customers
inner join {{ ref('int_customer_cells') }} as cells
    on
        {% for attribute in segment_attributes(['customer']) -%}
        {{ 'and ' if not loop.first -}}
        customers.{{ attribute }} is not distinct from cells.{{ attribute }}
        {% endfor %}
left join first_contracts
    on customers.customer_id = first_contracts.customer_id
left join first_revenue
    on customers.customer_id = first_revenue.customer_id
