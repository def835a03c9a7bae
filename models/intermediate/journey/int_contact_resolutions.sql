{# How long contacts took to be resolved: quantiles do not add up, so each cell looks at its
   contacts. #}
with

resolved as (

    select
        marked.client_id,
        marked.customer_type,
        marked.region,
        marked.plan_tier,
        marked.journey_stage,
        marked.channel,
        marked.opened_on,
        marked.resolution_hours
    from {{ ref('int_contacts_marked') }} as marked
    cross join {{ ref('int_run_clock') }} as clock
    where marked.opened_on <= clock.as_of and marked.resolved_at is not null

),

by_period as (

    {% for grain in period_grains('opened_on') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        resolved.*
    from resolved
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

by_segments as (

    {{ by_segment('by_period', [
        'period_grain', 'period_start', 'journey_stage', 'channel', 'resolution_hours'
    ], of=['customer']) }}

)

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    coalesce(journey_stage, 'all') as journey_stage,
    coalesce(channel, 'all') as channel,
    percentile_cont(0.5) within group (order by resolution_hours) as median_hours,
    percentile_cont(0.9) within group (order by resolution_hours) as p90_hours
from by_segments
group by
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    cube(journey_stage, channel)
