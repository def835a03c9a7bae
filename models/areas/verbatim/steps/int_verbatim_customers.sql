{# What each customer wrote about a theme in a period, beside all it wrote: the answers of one
   customer are not independent, so errors are counted by customer. *any* is any theme, *none* a text
   without one. #}
with

answers_with_a_theme as (

    select distinct response_id
    from {{ ref('int_verbatim_mentions') }}

),

themes as (

    select
        texts.*,
        mentions.theme
    from {{ ref('int_verbatim_texts') }} as texts
    inner join {{ ref('int_verbatim_mentions') }} as mentions
        on texts.response_id = mentions.response_id

    union all

    select
        texts.*,
        case when answers_with_a_theme.response_id is null then 'none' else 'any' end as theme
    from {{ ref('int_verbatim_texts') }} as texts
    left join answers_with_a_theme
        on texts.response_id = answers_with_a_theme.response_id

),

texts_of_customers as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        cluster_id,
        count(*) as texts,
        sum(contribution) as contribution
    from {{ ref('int_verbatim_texts') }}
    group by period_grain, period_start, survey_kind, score_scale, cluster_id

),

themes_of_customers as (

    select
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        cluster_id,
        customer_cell,
        theme,
        count(*) as mentions,
        sum(contribution) as mention_contribution,
        sum(case when contribution > 0 then 1 else 0 end) as promoters,
        sum(case when contribution < 0 then 1 else 0 end) as detractors,
        max(revenue) as revenue
    from themes
    group by
        period_grain,
        period_start,
        survey_kind,
        score_scale,
        cluster_id,
        customer_cell,
        theme

)

select
    themes_of_customers.*,
    texts_of_customers.texts,
    texts_of_customers.contribution
from themes_of_customers
inner join texts_of_customers
    on
        themes_of_customers.period_grain = texts_of_customers.period_grain
        and themes_of_customers.period_start = texts_of_customers.period_start
        and themes_of_customers.survey_kind = texts_of_customers.survey_kind
        and themes_of_customers.score_scale = texts_of_customers.score_scale
        and themes_of_customers.cluster_id = texts_of_customers.cluster_id
