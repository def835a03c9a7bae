{# Counts and sums of each period, segment and touchpoint, as in int_nps_segment_totals: first by
   customer, because the answers of one customer are not independent. #}
with

answers as (

    select
        counted.period_grain,
        counted.period_start,
        counted.score_scale,
        counted.client_id,
        counted.customer_type,
        counted.region,
        counted.plan_tier,
        counted.cluster_id,
        touchpoints.journey_stage,
        touchpoints.channel,
        touchpoints.service_line,
        touchpoints.responded_at,
        case when counted.category = 'promoter' then 1 else 0 end as promoters,
        case when counted.category = 'detractor' then 1 else 0 end as detractors
    from {{ ref('int_nps_counted_answers') }} as counted
    inner join {{ ref('int_touchpoint_answers') }} as touchpoints
        on counted.response_id = touchpoints.response_id

),

by_segments as (

    {{ by_segment('answers', [
        'period_grain', 'period_start', 'score_scale', 'cluster_id', 'journey_stage', 'channel',
        'service_line', 'responded_at', 'promoters', 'detractors',
    ], of=['customer']) }}

),

customers as (

    select
        period_grain,
        period_start,
        score_scale,
        segment_dimension,
        segment_value,
        coalesce(journey_stage, 'all') as journey_stage,
        coalesce(channel, 'all') as channel,
        coalesce(service_line, 'all') as service_line,
        count(*) as responses,
        sum(promoters) as promoters,
        sum(detractors) as detractors,
        cast(100 * (sum(promoters) - sum(detractors)) as double) as contribution,
        max(responded_at) as latest_responded_at
    from by_segments
    group by
        period_grain,
        period_start,
        score_scale,
        segment_dimension,
        segment_value,
        cluster_id,
        cube (journey_stage, channel, service_line)

)

select
    period_grain,
    period_start,
    score_scale,
    segment_dimension,
    segment_value,
    journey_stage,
    channel,
    service_line,
    count(*) as customers,
    cast(sum(responses) as bigint) as responses,
    cast(sum(promoters) as bigint) as promoters,
    cast(sum(detractors) as bigint) as detractors,
    sum(contribution * contribution) as contribution_squared,
    sum(contribution * responses) as contribution_by_responses,
    cast(sum(responses * responses) as double) as responses_squared,
    max(latest_responded_at) as latest_responded_at
from customers
group by
    period_grain,
    period_start,
    score_scale,
    segment_dimension,
    segment_value,
    journey_stage,
    channel,
    service_line
