{# Of the revenue recognised in a period, the share of the customers who answered in it; known for the
   dimensions that are attributes of the customer. #}
with

revenue as (

    select
        revenue.customer_id,
        revenue.revenue_month,
        cast(revenue.net_revenue as double) as net_revenue
    from {{ ref('fct_customer_revenue_monthly') }} as revenue
    cross join {{ ref('int_run_clock') }} as clock
    where revenue.revenue_month <= clock.as_of and revenue.net_revenue <> 0

),

revenue_by_period as (

    {% for grain in period_grains('revenue_month') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        customer_id,
        sum(net_revenue) as net_revenue
    from revenue
    group by {{ grain.start }}, customer_id
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

customers as (

    select
        revenue_by_period.period_grain,
        revenue_by_period.period_start,
        revenue_by_period.customer_id,
        revenue_by_period.net_revenue,
        profiles.client_id,
        profiles.customer_type,
        profiles.region,
        profiles.plan_tier
    from revenue_by_period
    inner join {{ ref('int_customer_profiles') }} as profiles
        on revenue_by_period.customer_id = profiles.customer_id

),

totals as (

    select
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        sum(net_revenue) as net_revenue
    from (
        {{ by_segment('customers', ['period_grain', 'period_start', 'net_revenue'], of=['customer']) }}
    ) as by_segments
    group by period_grain, period_start, segment_dimension, segment_value

),

answering_customers as (

    select distinct
        answers.survey_kind,
        answers.score_scale,
        customers.*
    from {{ ref('int_nps_counted_answers') }} as answers
    inner join customers
        on
            answers.customer_id = customers.customer_id
            and answers.period_grain = customers.period_grain
            and answers.period_start = customers.period_start

),

answered_totals as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        sum(net_revenue) as net_revenue
    from (
        {{ by_segment(
            'answering_customers',
            ['period_grain', 'period_start', 'survey_kind', 'score_scale', 'net_revenue'],
            of=['customer']
        ) }}
    ) as by_segments
    group by period_grain, period_start, survey_kind, score_scale, segment_dimension, segment_value

)

select
    answered_totals.period_grain,
    answered_totals.period_start,
    answered_totals.survey_kind,
    answered_totals.score_scale,
    answered_totals.segment_dimension,
    answered_totals.segment_value,
    {{ safe_ratio('answered_totals.net_revenue', 'totals.net_revenue') }} as revenue_coverage
from answered_totals
inner join totals
    on
        answered_totals.period_grain = totals.period_grain
        and answered_totals.period_start = totals.period_start
        and answered_totals.segment_dimension = totals.segment_dimension
        and answered_totals.segment_value = totals.segment_value
