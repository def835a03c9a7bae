-- Question 7: can it be made more effective?
--
-- How to read it: each retention action by the category it was aimed at, the best in net value first.
-- `relative_reduction` is the part of the churn that the action took away, with its interval; below 0 it does
-- harm. `evidence` says whether it was tried against a randomised control. Of the active customers of that
-- category who are in no action now (`customers_left`), `expected_to_leave` are foreseen to leave and
-- `revenue_at_risk` with them, and the action is suggested for `suggested_for`; `would_be_kept` if it
-- worked on them as it did on those treated (below 0: would be lost). These are empty where leaving
-- cannot be foreseen (`churn_risk_backtest`). An interval that holds 0 means: try it again, with a larger
-- control, before it is rolled out. What is not touched at all is in `retention_areas`.
--
-- Shown: campaign_id, target_category, treated (count), relative_reduction (share), reduction_lower to reduction_upper (share),
-- net_value (money), evidence, would_be_kept (count)
with

actions as (

    select *
    from retention_action_effects
    where segment_dimension = 'all' and target_category <> 'all'

),

foreseen as (

    select
        actions.campaign_id,
        actions.target_category,
        count(*) as customers,
        sum(scores.probability) as expected_to_leave,
        sum(scores.revenue_at_risk) as revenue_at_risk,
        sum(case when scores.suggested_campaign_id = actions.campaign_id then 1 else 0 end)
            as suggested_for
    from churn_risk_scores as scores
    inner join actions
        on scores.latest_category = actions.target_category
    where not scores.is_in_action
    group by actions.campaign_id, actions.target_category

)

select
    effects.campaign_id,
    effects.action_kind,
    effects.target_category,
    effects.treated,
    effects.control,
    round(effects.churn_treated, 4) as churn_treated,
    round(effects.churn_control, 4) as churn_control,
    round(effects.relative_reduction, 4) as relative_reduction,
    round(effects.relative_reduction_lower, 4) as reduction_lower,
    round(effects.relative_reduction_upper, 4) as reduction_upper,
    round(effects.acceptance, 4) as acceptance,
    round(effects.complier_effect, 4) as effect_on_those_who_accept,
    effects.revenue_kept,
    effects.cost,
    effects.net_value,
    round(effects.return_on_cost, 2) as return_on_cost,
    effects.evidence,
    foreseen.customers as customers_left,
    round(foreseen.expected_to_leave, 1) as expected_to_leave,
    foreseen.revenue_at_risk,
    foreseen.suggested_for,
    round(foreseen.expected_to_leave * effects.relative_reduction, 1) as would_be_kept,
    effects.currency
from actions as effects
left join foreseen
    on
        effects.campaign_id = foreseen.campaign_id
        and effects.target_category = foreseen.target_category
order by effects.net_value desc nulls last, effects.campaign_id, effects.target_category
