{# What is known of an action for customers of a category of a client, of those alike, and where that is too
   little of all together (CTEs, the last of them action_evidence): a row per client, campaign, kind,
   category and measure, which is the share of leaving it prevents, or what it adds to a euro of revenue.
   Harm to either, those alike or all together, rules a campaign out. #}
{% macro action_evidence() -%}
{% set baseline = 'case when treated_baseline_revenue > 0 then treated_baseline_revenue end' %}
{% set measures = {
    'leaving': {
        'effect': 'relative_reduction',
        'effect_lower': 'relative_reduction_lower',
        'effect_upper': 'relative_reduction_upper',
    },
    'revenue': {
        'effect': safe_ratio('revenue_kept', baseline),
        'effect_lower': safe_ratio('revenue_kept_lower', baseline),
        'effect_upper': safe_ratio('revenue_kept_upper', baseline),
    },
} %}
known_effects as (

    select *
    from {{ ref('retention_action_effects') }}
    where segment_dimension = 'all'

),

measured_effects as (

    {% for measure, columns in measures.items() -%}
    select
        campaign_id,
        action_kind,
        target_category,
        '{{ measure }}' as measure,
        {% for column, figure in columns.items() -%}
        {{ figure }} as {{ column }},
        {% endfor -%}
        {{ safe_ratio('cost', 'assigned_treated') }} as cost_of_one,
        evidence,
        is_reportable
        and evidence in ('randomised', 'adjusted')
        and not coalesce(net_value_upper < 0, false) as is_worth_it
    from known_effects
    {{ 'union all\n' if not loop.last }}
    {% endfor %}

),

judged_effects as (

    select
        *,
        is_worth_it and coalesce(effect_lower > 0, false) as is_helpful,
        coalesce(effect_upper < 0, false) as is_harmful
    from measured_effects

),

action_categories as (

    {% for category in ['detractor', 'passive', 'promoter', 'unknown'] -%}
    select '{{ category }}' as target_category{{ '\n    union all\n    ' if not loop.last }}
    {%- endfor %}

),

known_by_category as (

    select
        action_categories.target_category,
        together.campaign_id,
        together.action_kind,
        together.measure,
        coalesce(alike.effect, together.effect) as effect,
        coalesce(alike.effect_lower, together.effect_lower) as effect_lower,
        coalesce(alike.effect_upper, together.effect_upper) as effect_upper,
        coalesce(together.cost_of_one, 0.0) as cost_of_one,
        case when alike.effect is null then together.evidence else alike.evidence end as evidence,
        case when alike.effect is null then together.is_helpful else alike.is_helpful end
            as is_helpful,
        together.is_harmful or coalesce(alike.is_harmful, false) as is_harmful
    from action_categories
    cross join judged_effects as together
    left join judged_effects as alike
        on
            together.campaign_id = alike.campaign_id
            and together.action_kind = alike.action_kind
            and together.measure = alike.measure
            and action_categories.target_category = alike.target_category
    where together.target_category = 'all'

),

{# A campaign is known to the clients it was made for. #}
campaigns_of_clients as (

    select distinct
        campaign_id,
        segment_value as client_id
    from {{ ref('retention_action_effects') }}
    where segment_dimension = 'client_id' and assigned_treated > 0

),

action_evidence as (

    select
        clients.client_id,
        known_by_category.target_category,
        known_by_category.campaign_id,
        known_by_category.action_kind,
        known_by_category.measure,
        known_by_category.effect,
        known_by_category.effect_lower,
        known_by_category.effect_upper,
        known_by_category.cost_of_one,
        known_by_category.evidence,
        known_by_category.is_helpful and not known_by_category.is_harmful as is_helpful,
        known_by_category.is_harmful
    from known_by_category
    inner join campaigns_of_clients as clients
        on known_by_category.campaign_id = clients.campaign_id

)
{%- endmacro %}
