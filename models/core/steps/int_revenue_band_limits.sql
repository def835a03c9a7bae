{# Terciles of monthly baseline revenue within client and customer type, over the customers asked,
   each counted once at its first question. (A third as a double: Spark cuts 1.0 / 3 to six digits.)
   Six digits of the limits, because between two equal values DuckDB interpolates 26.739999999999995
   and not 26.74, which would put the customers with just that baseline in the band above. #}
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
    round(percentile_cont(1e0 / 3) within group (order by first_asked.monthly_baseline_revenue), 6)
        as low_maximum,
    round(percentile_cont(2e0 / 3) within group (order by first_asked.monthly_baseline_revenue), 6)
        as middle_maximum
from first_asked
inner join {{ ref('int_customer_profiles') }} as profiles
    on first_asked.customer_id = profiles.customer_id
where first_asked.question = 1
group by profiles.client_id, profiles.customer_type
