{# Counts and sums of each period, segment and touchpoint, as in int_nps_segment_totals: first by
   customer, because the answers of one customer are not independent. Rolled up in two steps, from
   the finest touchpoints: most customers answer once in a period, and their sums are then those of
   their answers, whatever the roll-up. #}
with

answers as (

    select
        counted.period_grain,
        counted.period_start,
        counted.score_scale,
        counted.customer_cell,
        counted.cluster_id,
        touchpoints.journey_stage,
        touchpoints.channel,
        touchpoints.service_line,
        touchpoints.responded_at,
        case when counted.category = 'promoter' then 1 else 0 end as promoters,
        case when counted.category = 'detractor' then 1 else 0 end as detractors,
        count(*) over (
            partition by
                counted.period_grain,
                counted.period_start,
                counted.score_scale,
                counted.cluster_id
        ) as answers_of_customer
    from {{ ref('int_nps_counted_answers') }} as counted
    inner join {{ ref('int_touchpoint_answers') }} as touchpoints
        on counted.response_id = touchpoints.response_id

),

by_segments as (

    {{ by_segment('answers', [
        'period_grain', 'period_start', 'score_scale', 'cluster_id', 'answers_of_customer',
        'journey_stage', 'channel', 'service_line', 'responded_at', 'promoters', 'detractors',
    ], of=['customer']) }}

),

{# Without a name for those who answered once: they are added up at once. #}
finest as (

    select
        {{ touchpoint_segment() }},
        case when answers_of_customer > 1 then cluster_id end as cluster_id,
        journey_stage,
        channel,
        service_line,
        count(*) as responses,
        sum(promoters) as promoters,
        sum(detractors) as detractors,
        max(responded_at) as latest_responded_at
    from by_segments
    group by
        {{ touchpoint_segment() }},
        case when answers_of_customer > 1 then cluster_id end,
        journey_stage,
        channel,
        service_line

),

rolled_up as (

    select
        {{ touchpoint_segment() }},
        cluster_id,
        coalesce(journey_stage, 'all') as journey_stage,
        coalesce(channel, 'all') as channel,
        coalesce(service_line, 'all') as service_line,
        cast(sum(responses) as bigint) as responses,
        cast(sum(promoters) as bigint) as promoters,
        cast(sum(detractors) as bigint) as detractors,
        max(latest_responded_at) as latest_responded_at
    from finest
    group by {{ touchpoint_segment() }}, cluster_id, cube(journey_stage, channel, service_line)

),

summed as (

    select
        *,
        cast(100 * (promoters - detractors) as double) as contribution,
        case when cluster_id is null then responses else 1 end as customers
    from rolled_up

)

select
    {{ touchpoint_segment() }},
    journey_stage,
    channel,
    service_line,
    cast(sum(customers) as bigint) as customers,
    cast(sum(responses) as bigint) as responses,
    cast(sum(promoters) as bigint) as promoters,
    cast(sum(detractors) as bigint) as detractors,
    sum(
        case
            when cluster_id is null then 10000e0 * (promoters + detractors)
            else contribution * contribution
        end
    ) as contribution_squared,
    sum(case when cluster_id is null then contribution else contribution * responses end)
        as contribution_by_responses,
    cast(
        sum(case when cluster_id is null then responses else responses * responses end) as double
    ) as responses_squared,
    max(latest_responded_at) as latest_responded_at
from summed
group by {{ touchpoint_segment() }}, journey_stage, channel, service_line
