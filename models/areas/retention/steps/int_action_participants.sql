{# Customers in a campaign as they stood on the day they were assigned, by the kind of action. A
   control of no kind in particular is compared with every kind of its campaign. At risk: with us,
   without notice, on that day, and in one arm only. #}
with

treated_kinds as (

    select distinct
        campaign_id,
        coalesce(action_kind, 'unknown') as action_kind
    from {{ ref('int_action_assignments') }}
    where arm = 'treated'

),

by_kind as (

    select
        assignments.campaign_id,
        coalesce(
            assignments.action_kind, treated_kinds.action_kind, 'unknown'
        ) as action_kind,
        assignments.customer_id,
        assignments.arm,
        assignments.assigned_on,
        assignments.has_accepted,
        assignments.cost,
        assignments.is_in_both_arms,
        assignments.is_drawn_by_lot,
        assignments.share_drawn
    from {{ ref('int_action_assignments') }} as assignments
    left join treated_kinds
        on
            assignments.campaign_id = treated_kinds.campaign_id
            and assignments.action_kind is null
            and assignments.arm = 'control'

),

first_billed as (

    select min(revenue_month) as first_month
    from {{ ref('fct_customer_revenue_monthly') }}

),

standing as (

    select
        by_kind.*,
        coalesce(standing.customer_cell, 0) as customer_cell,
        coalesce(standing.client_id, 'own') as client_id,
        coalesce(standing.customer_type, 'unknown') as customer_type,
        standing.region,
        standing.plan_tier,
        {{ tenure_band('standing.customer_since', 'by_kind.assigned_on') }} as tenure_band,
        coalesce(standing.revenue_band, 'unknown') as revenue_band,
        {{ days_between('standing.customer_since', 'by_kind.assigned_on') }} as tenure_days,
        standing.monthly_baseline_revenue
    from by_kind
    left join {{ ref('int_customer_standing') }} as standing
        on
            by_kind.customer_id = standing.customer_id
            and {{ month_of('by_kind.assigned_on') }} = standing.asked_month

)

select
    standing.campaign_id,
    standing.action_kind,
    standing.customer_id,
    standing.arm,
    standing.arm = 'treated' as is_treated,
    standing.assigned_on,
    standing.customer_cell,
    standing.client_id,
    standing.customer_type,
    standing.region,
    standing.plan_tier,
    standing.tenure_band,
    standing.revenue_band,
    standing.tenure_days,
    standing.monthly_baseline_revenue,
    coalesce(triggers.category, 'unknown') as category,
    triggers.score,
    coalesce(triggers.score_band, 'unknown') as score_band,
    {{ stratum('standing') }} || '|' || coalesce(triggers.score_band, 'unknown') as cell,
    standing.has_accepted,
    standing.cost,
    standing.is_in_both_arms,
    standing.is_drawn_by_lot,
    standing.share_drawn,
    spells.customer_id is not null and not standing.is_in_both_arms as is_at_risk,
    {{ days_between('standing.assigned_on', 'coalesce(spells.churned_on, clock.as_of)') }}
        as days_followed,
    spells.churned_on is not null as has_churned,
    {# Complete months after the month of assignment; none where nothing was billed by then. #}
    case
        when {{ month_of('standing.assigned_on') }} >= first_billed.first_month
            then least(
                {{ var('effect_months') }},
                greatest(
                    0,
                    {{ month_number('clock.last_complete_month') }}
                    - {{ month_number('standing.assigned_on') }}
                )
            )
        else 0
    end as months_followed
from standing
cross join {{ ref('int_run_clock') }} as clock
cross join first_billed
left join {{ ref('int_action_triggers') }} as triggers
    on
        standing.campaign_id = triggers.campaign_id
        and standing.customer_id = triggers.customer_id
left join {{ ref('int_customer_spells') }} as spells
    on
        standing.customer_id = spells.customer_id
        and standing.assigned_on >= spells.started_on
        and standing.assigned_on < {{ open_ended('spells.churned_on') }}
