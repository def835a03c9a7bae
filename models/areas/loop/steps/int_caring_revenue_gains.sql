{# Net revenue of the months after the landmark's month less as many times the baseline before the
   answer, for customers of whom all those months are over. #}
with

followed as (

    select
        response_id,
        customer_id,
        coalesce(monthly_baseline_revenue, 0.0) as monthly_baseline_revenue,
        {{ month_of('landmark_on') }} as landmark_month
    from {{ ref('int_caring_episodes') }}
    where months_followed >= {{ var('effect_months') }}

),

first_billed as (

    select min(revenue_month) as first_month
    from {{ ref('fct_customer_revenue_monthly') }}

)

select
    followed.response_id,
    coalesce(cast(sum(revenue.net_revenue) as double), 0.0)
    - {{ var('effect_months') }} * max(followed.monthly_baseline_revenue) as gain
from followed
inner join first_billed
    on followed.landmark_month >= first_billed.first_month
left join {{ ref('fct_customer_revenue_monthly') }} as revenue
    on
        followed.customer_id = revenue.customer_id
        and followed.landmark_month < revenue.revenue_month
        and revenue.revenue_month
        <= {{ add_months('followed.landmark_month', var('effect_months')) }}
group by followed.response_id
