{# Of the revenue recognised in a period, the share of the customers who answered in it; known for
   the dimensions that are attributes of the customer. #}
with

customer_months as (

    select
        revenue.customer_id,
        revenue.revenue_month,
        cast(revenue.net_revenue as double) as net_revenue
    from {{ ref('fct_customer_revenue_monthly') }} as revenue
    cross join {{ ref('int_run_clock') }} as clock
    where revenue.revenue_month <= clock.as_of and revenue.net_revenue <> 0

),

{# All customers: added up by month and cell at once, the periods are sums of months. #}
monthly_totals as (

    select
        customer_months.revenue_month,
        profiles.customer_cell,
        sum(customer_months.net_revenue) as net_revenue
    from customer_months
    inner join {{ ref('int_customer_profiles') }} as profiles
        on customer_months.customer_id = profiles.customer_id
    group by customer_months.revenue_month, profiles.customer_cell

),

period_totals as (

    {% for grain in period_grains('monthly_totals.revenue_month') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        customer_cell,
        net_revenue
    from monthly_totals
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

totals as (

    select
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        sum(net_revenue) as net_revenue
    from (
        {{ by_segment(
            'period_totals', ['period_grain', 'period_start', 'net_revenue'], of=['customer']
        ) }}
    ) as by_segments
    group by period_grain, period_start, segment_dimension, segment_value

),

answering_customers as (

    select distinct
        answers.period_grain,
        answers.period_start,
        answers.survey_kind,
        answers.score_scale,
        answers.customer_id,
        answers.customer_cell
    from {{ ref('int_nps_counted_answers') }} as answers
    where answers.customer_id is not null

),

answered_cells as (

    {% for grain in period_grains('customer_months.revenue_month') %}
    select
        answering.period_grain,
        answering.period_start,
        answering.survey_kind,
        answering.score_scale,
        answering.customer_cell,
        sum(customer_months.net_revenue) as net_revenue
    from customer_months
    inner join answering_customers as answering
        on
            customer_months.customer_id = answering.customer_id
            and answering.period_grain = '{{ grain.name }}'
            and answering.period_start = {{ grain.start }}
    group by
        answering.period_grain,
        answering.period_start,
        answering.survey_kind,
        answering.score_scale,
        answering.customer_cell
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

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
            'answered_cells',
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
    {# Credit notes can carry a sum of some customers past the sum of all, rounding by a hair; of no
       revenue there is no share. #}
    {{ as_share(
        safe_ratio('answered_totals.net_revenue', 'totals.net_revenue')
    ) }} as revenue_coverage
from answered_totals
inner join totals
    on
        answered_totals.period_grain = totals.period_grain
        and answered_totals.period_start = totals.period_start
        and answered_totals.segment_dimension = totals.segment_dimension
        and answered_totals.segment_value = totals.segment_value
