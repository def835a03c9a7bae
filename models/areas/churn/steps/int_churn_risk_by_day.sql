{# Kaplan–Meier's ingredients for each group and day on which somebody left: who was at risk, who
   left, and the variance of the logarithm of that day's survival. With weights, the number at risk
   that counts for the variance is the effective one, (Σw)² / Σw²; with weights of 1 this is
   Greenwood. #}
with

days as (

    select
        gap_days,
        adjustment,
        score_group_kind,
        score_group,
        days_followed as day,
        sum(weight) as leaving_weight,
        sum(weight * weight) as leaving_weight_squared,
        sum(case when has_churned then weight else 0 end) as event_weight,
        sum(case when has_churned then 1 else 0 end) as events
    from {{ ref('int_churn_risk_groups') }}
    group by gap_days, adjustment, score_group_kind, score_group, days_followed

),

at_risk as (

    select
        *,
        sum(leaving_weight) over (
            partition by gap_days, adjustment, score_group_kind, score_group
            order by day
            rows between current row and unbounded following
        ) as at_risk_weight,
        sum(leaving_weight_squared) over (
            partition by gap_days, adjustment, score_group_kind, score_group
            order by day
            rows between current row and unbounded following
        ) as at_risk_weight_squared
    from days

)

select
    gap_days,
    adjustment,
    score_group_kind,
    score_group,
    day,
    events,
    at_risk_weight,
    event_weight,
    {{ log_survival_step('event_weight', 'at_risk_weight') }} as log_survival_step,
    {{ greenwood_step(
        'event_weight',
        'at_risk_weight',
        safe_ratio('at_risk_weight * at_risk_weight', 'at_risk_weight_squared')
    ) }} as variance_step,
    {{ is_last_survivor('event_weight', 'at_risk_weight') }} as ends_survival
from at_risk
where events > 0
