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
    customers.client_id,
    coalesce(customers.customer_type, 'unknown') as customer_type,
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
left join first_contracts
    on customers.customer_id = first_contracts.customer_id
left join first_revenue
    on customers.customer_id = first_revenue.customer_id
