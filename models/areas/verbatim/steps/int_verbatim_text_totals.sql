{# All texts by period and segment, whatever they are about. Every text is about something or
   nothing, so a customer's *any* and *none* together are all it wrote. #}
{% set products = names_of_products(['texts', 'contribution']) %}
with

customers as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        cluster_id,
        customer_cell,
        sum(mentions) as texts,
        sum(mention_contribution) as contribution,
        sum(promoters) as promoters,
        sum(detractors) as detractors
    from {{ ref('int_verbatim_customers') }}
    where theme in ('any', 'none')
    group by
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        cluster_id,
        customer_cell

),

combinations as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        customer_cell,
        count(*) as customers,
        sum(texts) as texts,
        sum(promoters) as promoters,
        sum(detractors) as detractors,
        {{ sums_of_products(['texts', 'contribution']) }}
    from customers
    group by
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        customer_cell

),

by_segments as (

    {{ by_segment(
        'combinations',
        [
            'period_grain', 'period_start', 'survey_kind', 'score_scale', 'customers', 'texts',
            'promoters', 'detractors',
        ] + products,
        of=['customer']
    ) }}

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    cast(sum(customers) as bigint) as customers,
    cast(sum(texts) as bigint) as texts,
    cast(sum(promoters) as bigint) as promoters,
    cast(sum(detractors) as bigint) as detractors
    {%- for product in products %},
    sum({{ product }}) as {{ product }}
    {%- endfor %}
from by_segments
group by period_grain, period_start, survey_kind, score_scale, segment_dimension, segment_value
