with

described as (

    select
        client_id,
        customer_type,
        region,
        plan_tier,
        tenure_band,
        revenue_band,
        service_line,
        journey_stage,
        channel,
        1 as answers,
        0 as customers
    from {{ ref('fct_survey_responses') }}

    union all

    select
        client_id,
        customer_type,
        region,
        plan_tier,
        tenure_band,
        revenue_band,
        cast(null as {{ dbt.type_string() }}) as service_line,
        cast(null as {{ dbt.type_string() }}) as journey_stage,
        cast(null as {{ dbt.type_string() }}) as channel,
        0 as answers,
        1 as customers
    from {{ ref('dim_customers') }}

),

segments as (

    {{ by_segment('described', ['answers', 'customers']) }}

)

select
    segment_dimension,
    segment_value,
    cast(sum(answers) as bigint) as answers,
    cast(sum(customers) as bigint) as customers
from segments
group by segment_dimension, segment_value
