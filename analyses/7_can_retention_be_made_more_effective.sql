-- Question 7: can it be made more effective?
--
-- How to read it: each retention action by the category it was aimed at, the best in net value first.
-- `relative_reduction` is the part of the churn that the action took away, with its interval; below 0 it does
-- harm. `evidence` says whether it was tried against a randomised control. `customers_left` are active
-- customers of that category who were not treated; `would_be_kept` of them if the action worked on them as it
-- did on those treated (below 0: would be lost): the size of what is not done yet. An interval that
-- holds 0 means: try it again, with a larger control, before it is rolled out.
--
-- Shown: campaign_id, target_category, treated (count), relative_reduction (share), reduction_lower to reduction_upper (share),
-- net_value (money), evidence, would_be_kept (count)
with

untreated as (

    select
        latest_category as category,
        count(*) as customers
    from dim_customers
    where is_active and latest_category is not null
    group by latest_category

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
    greatest(untreated.customers - effects.treated, 0) as customers_left,
    round(greatest(untreated.customers - effects.treated, 0) * -effects.risk_difference)
        as would_be_kept,
    effects.currency
from retention_action_effects as effects
left join untreated
    on effects.target_category = untreated.category
where effects.segment_dimension = 'all' and effects.target_category <> 'all'
order by effects.net_value desc nulls last, effects.campaign_id, effects.target_category
