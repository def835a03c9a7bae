{# A customer's attributes and standing in a month in which it was asked, answered or assigned. #}
with

revenue_before as (

    select
        customer_id,
        asked_month,
        monthly_baseline_revenue,
        trailing_revenue,
        monthly_revenue_a_year_earlier
    from {{ ref('int_revenue_before_asking') }}

)

select
    revenue_before.customer_id,
    revenue_before.asked_month,
    profiles.customer_cell,
    profiles.client_id,
    profiles.customer_type,
    profiles.region,
    profiles.plan_tier,
    profiles.customer_since,
    revenue_before.monthly_baseline_revenue,
    revenue_before.trailing_revenue,
    revenue_before.monthly_revenue_a_year_earlier,
    {{ revenue_band('revenue_before.monthly_baseline_revenue', 'limits') }} as revenue_band
from revenue_before
inner join {{ ref('int_customer_profiles') }} as profiles
    on revenue_before.customer_id = profiles.customer_id
left join {{ ref('int_revenue_band_limits') }} as limits
    on
        profiles.client_id = limits.client_id
        and profiles.customer_type = limits.customer_type
