{# Counts and sums of each period and segment. Answers are first added up by customer, because the
   answers of one customer are not independent. #}
with

answers as (

    select * from {{ ref('int_nps_counted_answers') }}

),

answers_by_segment as (

    {{ by_segment('answers', [
        'period_grain', 'period_start', 'survey_kind', 'score_scale', 'cluster_id', 'category',
        'contribution', 'revenue_weight',
    ]) }}

),

customers as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        cluster_id,
        count(*) as responses,
        sum(case when category = 'promoter' then 1 else 0 end) as promoters,
        sum(case when category = 'detractor' then 1 else 0 end) as detractors,
        cast(sum(contribution) as double) as contribution,
        sum(revenue_weight) as weight,
        sum(revenue_weight * contribution) as weighted_contribution
    from answers_by_segment
    group by
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        cluster_id

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    count(*) as customers,
    cast(sum(responses) as bigint) as responses,
    cast(sum(promoters) as bigint) as promoters,
    cast(sum(detractors) as bigint) as detractors,
    sum(contribution * contribution) as contribution_squared,
    sum(contribution * responses) as contribution_by_responses,
    cast(sum(responses * responses) as double) as responses_squared,
    sum(weight) as weight,
    sum(weight * weight) as weight_squared,
    sum(weighted_contribution) as weighted_contribution,
    sum(weighted_contribution * weighted_contribution) as weighted_contribution_squared,
    sum(weighted_contribution * weight) as weighted_contribution_by_weight,
    {{ sum_of_largest('weight', 10) }} as weight_of_ten_largest
from customers
group by period_grain, period_start, survey_kind, score_scale, segment_dimension, segment_value
