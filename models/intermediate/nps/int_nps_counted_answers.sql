{# One answer per respondent, survey kind and period: the latest. A transactional answer stands for
   its interaction. #}
with

answers as (

    select
        *,
        {{ counted_as() }} as counted_as
    from {{ ref('fct_survey_responses') }}

),

answers_by_period as (

    {% for grain in period_grains('responded_on') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        answers.*
    from answers
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by period_grain, period_start, survey_kind, score_scale, counted_as
            order by responded_at desc, response_id desc
        ) as from_the_end
    from answers_by_period

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    response_id,
    coalesce(customer_id, response_id) as cluster_id,
    customer_id,
    respondent_id,
    counted_as,
    contribution,
    category,
    client_id,
    customer_type,
    region,
    plan_tier,
    tenure_band,
    revenue_band,
    service_line,
    journey_stage,
    channel,
    greatest(coalesce(trailing_revenue, 0), 0) as revenue_weight
from ranked
where from_the_end = 1
