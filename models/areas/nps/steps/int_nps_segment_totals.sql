{# Counts and sums of each period and segment. Answers are first added up by customer, because the
   answers of one customer are not independent. An attribute of the customer is the same on all of its
   answers, so that one sum by customer serves all dimensions of that kind. What goes from the sums of
   everybody when a segment is taken away is kept beside them: of a customer with answers inside and
   outside, C² − (C − c)². #}
{%- set period = 'period_grain, period_start, survey_kind, score_scale' %}
{%- set customer_sums %}
        count(*) as responses,
        sum(case when category = 'promoter' then 1 else 0 end) as promoters,
        sum(case when category = 'detractor' then 1 else 0 end) as detractors,
        cast(sum(contribution) as double) as contribution,
        sum(revenue_weight) as weight,
        sum(revenue_weight * contribution) as weighted_contribution
{%- endset %}
with

{# Beside each answer what all of its customer come to, whatever their attributes. #}
answers as (

    select
        *,
        count(*) over (partition by {{ period }}, cluster_id) as whole_responses,
        cast(
            sum(contribution) over (partition by {{ period }}, cluster_id) as double
        ) as whole_contribution
    from {{ ref('int_nps_counted_answers') }}

),

customers as (

    select
        {{ period }},
        cluster_id,
        customer_cell,
        {{- customer_sums }}
    from answers
    group by {{ period }}, cluster_id, customer_cell

),

customers_by_attribute as (

    {{ by_segment('customers', [
        'period_grain', 'period_start', 'survey_kind', 'score_scale', 'responses', 'promoters',
        'detractors', 'contribution', 'weight', 'weighted_contribution',
    ], of=['customer']) }}

),

answers_by_segment as (

    {{ by_segment('answers', [
        'period_grain', 'period_start', 'survey_kind', 'score_scale', 'cluster_id', 'category',
        'contribution', 'revenue_weight', 'whole_responses', 'whole_contribution',
    ], of=['standing', 'answer']) }}

),

{# Most customers have one answer: those are not added up. #}
customers_by_answer as (

    select
        segment_dimension,
        segment_value,
        {{ period }},
        1 as responses,
        case when category = 'promoter' then 1 else 0 end as promoters,
        case when category = 'detractor' then 1 else 0 end as detractors,
        cast(contribution as double) as contribution,
        revenue_weight as weight,
        revenue_weight * contribution as weighted_contribution,
        whole_responses,
        whole_contribution
    from answers_by_segment
    where whole_responses = 1

    union all

    select
        segment_dimension,
        segment_value,
        {{ period }},
        {{- customer_sums }},
        max(whole_responses) as whole_responses,
        max(whole_contribution) as whole_contribution
    from answers_by_segment
    where whole_responses > 1
    group by {{ period }}, segment_dimension, segment_value, cluster_id

),

customers_by_segment as (

    select
        customers_by_attribute.*,
        responses as whole_responses,
        contribution as whole_contribution
    from customers_by_attribute

    union all

    select * from customers_by_answer

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
    sum(case when responses = whole_responses then 1 else 0 end) as taken_customers,
    sum(contribution * (2 * whole_contribution - contribution)) as taken_contribution_squared,
    sum(
        contribution * whole_responses + whole_contribution * responses - contribution * responses
    ) as taken_contribution_by_responses,
    cast(sum(responses * (2 * whole_responses - responses)) as double) as taken_responses_squared,
    sum(weight) as weight,
    sum(weight * weight) as weight_squared,
    sum(weighted_contribution) as weighted_contribution,
    sum(weighted_contribution * weighted_contribution) as weighted_contribution_squared,
    sum(weighted_contribution * weight) as weighted_contribution_by_weight,
    {{ sum_of_largest('weight', 10) }} as weight_of_ten_largest
from customers_by_segment
group by period_grain, period_start, survey_kind, score_scale, segment_dimension, segment_value
