{# How long contacts took to be resolved: quantiles do not add up, so each cell looks at its
   contacts. #}
with

resolved as (

    select
        marked.customer_cell,
        marked.journey_stage,
        marked.channel,
        marked.opened_on,
        marked.resolution_hours
    from {{ ref('int_contacts_marked') }} as marked
    cross join {{ ref('int_run_clock') }} as clock
    where marked.opened_on <= clock.as_of and marked.resolved_at is not null

),

{# One cell after the other, so that the contacts of all need not be held at once. #}
cells as (

    {% for grain in period_grains('opened_on') %}
    {% set is_last_grain = loop.last %}
    {% for dimension in segment_dimensions(of=['customer']) %}
    select
        '{{ grain.name }}' as period_grain,
        period_start,
        '{{ dimension.name }}' as segment_dimension,
        segment_value,
        coalesce(journey_stage, 'all') as journey_stage,
        coalesce(channel, 'all') as channel,
        {{ quantiles('resolution_hours', [0.5, 0.9]) }} as hours
    from (
        select
            {{ grain.start }} as period_start,
            segment_value,
            journey_stage,
            channel,
            resolution_hours
        from (
            {{ by_segment(
                'resolved', ['opened_on', 'journey_stage', 'channel', 'resolution_hours'],
                of=['customer'], dimensions=[dimension.name]
            ) }}
        ) as by_segments
    ) as contacts
    group by period_start, segment_value, cube(journey_stage, channel)
    {{ 'union all' if not (is_last_grain and loop.last) }}
    {% endfor %}
    {% endfor %}

)

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    journey_stage,
    channel,
    {{ quantile_of('hours', 1) }} as median_hours,
    {{ quantile_of('hours', 2) }} as p90_hours
from cells
