{# One answer per respondent, survey kind and period: the latest, that is the one whose next lies in
   a later period. A transactional answer stands for its interaction. #}
with

answers as (

    select
        *,
        {{ next_responded_on() }} as next_responded_on
    from {{ ref('fct_survey_responses') }}
    where not is_repeated

),

latest_of_period as (

    {% for grain in period_grains('responded_on') %}
    {% set next_start = period_grains('next_responded_on')[loop.index0].start %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        answers.*
    from answers
    where next_responded_on is null or {{ next_start }} > {{ grain.start }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    response_id,
    {{ cluster_of('latest_of_period') }} as cluster_id,
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
from latest_of_period
