{# Terciles of monthly baseline revenue within client and customer type, over the customers asked,
   each counted once at its first question. (A third as a double: Spark cuts 1.0 / 3 to six digits.)
   #}
with

first_asked as (

    select
        customer_id,
        monthly_baseline_revenue,
        row_number() over (partition by customer_id order by asked_month) as question
    from {{ ref('int_revenue_before_asking') }}
    where is_question and monthly_baseline_revenue > 0

)

select
    profiles.client_id,
    profiles.customer_type,
    percentile_cont(1e0 / 3) within group (order by first_asked.monthly_baseline_revenue)
        as low_maximum,
    percentile_cont(2e0 / 3) within group (order by first_asked.monthly_baseline_revenue)
        as middle_maximum
from first_asked
inner join {{ ref('int_customer_profiles') }} as profiles
    on first_asked.customer_id = profiles.customer_id
where first_asked.question = 1
group by profiles.client_id, profiles.customer_type
