{# One row per index customer and month k after its answer: revenue and whether it was still there
   at the month's start. Month 0 is no month: it carries the growth of the baseline over the year
   before the answer, so that the placebo is the same slope as the others. #}
with

index_answers as (

    select
        index_number,
        cell_number,
        customer_id,
        index_month,
        contribution,
        answers,
        monthly_baseline_revenue,
        monthly_revenue_a_year_earlier
    from {{ ref('int_index_answers') }}

),

months as (

    select
        index_answers.index_number,
        index_answers.cell_number,
        index_answers.customer_id,
        index_answers.contribution,
        index_answers.answers,
        index_answers.monthly_baseline_revenue,
        spine.number as k,
        {{ add_months('index_answers.index_month', 'spine.number') }} as revenue_month
    from index_answers
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ number_spine(var('horizon_months') + 1) }} as spine
        on
            spine.number >= 1
            and spine.number
            <= {{ month_number('clock.last_complete_month') }}
            - {{ month_number('index_answers.index_month') }}

)

select
    months.index_number,
    months.cell_number,
    months.k,
    months.contribution,
    months.answers,
    months.monthly_baseline_revenue,
    coalesce(cast(revenue.net_revenue as double), 0.0) as revenue,
    case when spells.customer_id is null then 0.0 else 1.0 end as is_retained
from months
left join {{ ref('fct_customer_revenue_monthly') }} as revenue
    on
        months.customer_id = revenue.customer_id
        and months.revenue_month = revenue.revenue_month
left join {{ ref('int_customer_spells') }} as spells
    on
        months.customer_id = spells.customer_id
        and months.revenue_month >= spells.started_on
        and months.revenue_month < {{ open_ended('spells.churned_on') }}

union all

select
    index_number,
    cell_number,
    0 as k,
    contribution,
    answers,
    monthly_baseline_revenue,
    monthly_baseline_revenue - monthly_revenue_a_year_earlier as revenue,
    1.0 as is_retained
from index_answers
where monthly_revenue_a_year_earlier is not null
