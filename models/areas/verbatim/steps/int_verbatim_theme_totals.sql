{# Mentions of each theme by period and segment. Every customer stands in one combination of
   attributes: summed by combination first, there is little left to repeat by segment. #}
{% set products = names_of_products(
    ['mentions', 'mention_contribution'], ['texts', 'contribution']
) %}
with

combinations as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        customer_cell,
        theme,
        count(*) as customers,
        sum(mentions) as mentions,
        sum(promoters) as promoters,
        sum(detractors) as detractors,
        sum(revenue) as revenue,
        {{ sums_of_products(['mentions', 'mention_contribution'], ['texts', 'contribution']) }}
    from {{ ref('int_verbatim_customers') }}
    group by
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        customer_cell,
        theme

),

by_segments as (

    {{ by_segment(
        'combinations',
        [
            'period_grain', 'period_start', 'survey_kind', 'score_scale', 'theme', 'customers',
            'mentions', 'promoters', 'detractors', 'revenue',
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
    theme,
    cast(sum(customers) as bigint) as customers,
    cast(sum(mentions) as bigint) as mentions,
    cast(sum(promoters) as bigint) as promoters,
    cast(sum(detractors) as bigint) as detractors,
    cast(sum(revenue) as decimal(18, 2)) as revenue
    {%- for product in products %},
    sum({{ product }}) as {{ product }}
    {%- endfor %}
from by_segments
group by
    period_grain, period_start, survey_kind, score_scale, segment_dimension, segment_value, theme
