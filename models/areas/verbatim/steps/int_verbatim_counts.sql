{# Every theme beside every period and segment that has texts: a theme nobody mentions is 0, and
   those who do not mention it are the others it is compared with. #}
{% set products = names_of_products(
    ['mentions', 'mention_contribution'], ['texts', 'contribution']
) %}
with

themes as (

    select distinct theme
    from {{ ref('int_verbatim_patterns') }}

    union all

    select 'any' as theme

    union all

    select 'none' as theme

)

select
    totals.period_grain,
    totals.period_start,
    totals.survey_kind,
    totals.score_scale,
    totals.segment_dimension,
    totals.segment_value,
    themes.theme,
    totals.texts,
    totals.promoters as text_promoters,
    totals.detractors as text_detractors,
    totals.customers as text_customers,
    coalesce(mentioned.mentions, 0) as mentions,
    coalesce(mentioned.promoters, 0) as promoters,
    coalesce(mentioned.detractors, 0) as detractors,
    coalesce(mentioned.customers, 0) as customers,
    totals.texts - coalesce(mentioned.mentions, 0) as others,
    totals.promoters - coalesce(mentioned.promoters, 0) as other_promoters,
    totals.detractors - coalesce(mentioned.detractors, 0) as other_detractors,
    coalesce(mentioned.revenue, 0) as revenue,
    {%- for product in products %}
    coalesce(mentioned.{{ product }}, 0) as {{ product }},
    {%- endfor %}
    {%- for product in names_of_products(['texts', 'contribution']) %}
    totals.{{ product }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('int_verbatim_text_totals') }} as totals
cross join themes
left join {{ ref('int_verbatim_theme_totals') }} as mentioned
    on
        totals.period_grain = mentioned.period_grain
        and totals.period_start = mentioned.period_start
        and totals.survey_kind = mentioned.survey_kind
        and totals.score_scale = mentioned.score_scale
        and totals.segment_dimension = mentioned.segment_dimension
        and totals.segment_value = mentioned.segment_value
        and themes.theme = mentioned.theme
