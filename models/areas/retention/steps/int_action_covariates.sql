{# Sums of every covariate by group, level and arm, as observed and weighted, over the participants
   at risk of whom it is known. Of a kind a customer counts 1 at its level. #}
with

members as (

    select
        {% for column in action_group() -%}
        members.{{ column }},
        {% endfor -%}
        case when members.is_treated then 1.0 else 0.0 end as treated,
        case when members.is_treated then 0.0 else 1.0 end as control,
        coalesce(members.weight_to_treated, 0.0) as weight,
        participants.client_id,
        participants.customer_type,
        participants.tenure_band,
        participants.revenue_band,
        participants.score_band,
        coalesce(participants.region, 'unknown') as region,
        coalesce(participants.plan_tier, 'unknown') as plan_tier,
        participants.monthly_baseline_revenue,
        cast(participants.tenure_days as double) as tenure_days,
        participants.score
    from {{ ref('int_action_members') }} as members
    inner join {{ ref('int_action_participants') }} as participants
        on
            members.campaign_id = participants.campaign_id
            and members.action_kind = participants.action_kind
            and members.customer_id = participants.customer_id
    where members.is_at_risk

)

{% for covariate in balance_covariates() %}
{% set value = covariate.name if covariate.is_quantity else '1.0' -%}
select
    {{ action_group() | join(',\n    ') }},
    '{{ covariate.name }}' as covariate,
    {{ "'mean'" if covariate.is_quantity else covariate.name }} as level,
    {% for arm in ('treated', 'control') -%}
    sum({{ arm }}) as {{ arm }}_customers,
    sum({{ arm }} * {{ value }}) as {{ arm }}_sum,
    sum({{ arm }} * {{ value }} * {{ value }}) as {{ arm }}_squares,
    sum({{ arm }} * weight) as {{ arm }}_weight,
    sum({{ arm }} * weight * {{ value }}) as {{ arm }}_weighted_sum{{ ',' if not loop.last }}
    {% endfor -%}
from members
where {{ covariate.name }} is not null
group by {{ action_group() | join(', ') }}{{ ', ' ~ covariate.name if not covariate.is_quantity }}
{% if not loop.last %}
union all
{% endif %}
{%- endfor %}
