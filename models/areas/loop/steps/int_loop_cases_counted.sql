{# Cases by the period of the answer that opened them and segment: reached when, in time, closed,
   open. #}
with

by_period as (

    {% for grain in period_grains('responded_on') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        cases.*
    from {{ ref('int_loop_cases') }} as cases
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

by_segments as (

    {{ by_segment(
        'by_period',
        [
            'period_grain', 'period_start', 'survey_kind', 'category', 'hours_to_contact',
            'is_due', 'is_in_time', 'is_closed', 'open_days',
        ],
        of=['customer', 'answer', 'case']
    ) }}

)

select
    period_grain,
    period_start,
    survey_kind,
    category,
    segment_dimension,
    segment_value,
    count(*) as cases,
    count(hours_to_contact) as contacted,
    percentile_cont(0.5) within group (order by hours_to_contact) as median_hours_to_contact,
    percentile_cont(0.9) within group (order by hours_to_contact) as p90_hours_to_contact,
    cast(sum(case when is_due then 1 else 0 end) as bigint) as cases_due,
    cast(sum(case when is_in_time then 1 else 0 end) as bigint) as cases_in_time,
    cast(sum(case when is_closed then 1 else 0 end) as bigint) as closed,
    count(open_days) as open_cases,
    {{ safe_ratio('sum(open_days)', 'count(open_days)') }} as mean_open_days,
    max(open_days) as longest_open_days
from by_segments
group by period_grain, period_start, survey_kind, category, segment_dimension, segment_value
