-- Question 1: who are the critical customers?
--
-- How to read it: active customers, those with the most revenue at stake first. `risk_120_days` is the share of customers
-- of the same latest category who left within 120 days of their answer (adjusted where it is known);
-- `revenue_at_risk` is that share of the next year's revenue at today's level. It is an expectation over
-- many such customers, not a forecast for one. `share_of_all_at_risk` adds up from the top: stop where
-- calling one more customer costs more than it can save.
--
-- Shown: customer_id, customer_type, category, yearly_revenue (money), risk_120_days (share), risk_lower to risk_upper (share),
-- revenue_at_risk (money), share_of_all_at_risk (share)
with

risks as (

    select
        score_group as category,
        risk,
        lower,
        upper
    from churn_after_score
    where
        score_group_kind in ('category', 'silent')
        and adjustment = 'adjusted'
        and gap_days = 0
        and window_days = 120

),

customers as (

    select
        customers.customer_id,
        customers.client_id,
        customers.customer_type,
        customers.tenure_band,
        customers.revenue_band,
        coalesce(customers.latest_category, 'silent') as category,
        customers.latest_responded_at,
        customers.currency,
        12 * customers.monthly_baseline_revenue as yearly_revenue,
        risks.risk as risk_120_days,
        risks.lower as risk_lower,
        risks.upper as risk_upper,
        12 * customers.monthly_baseline_revenue * risks.risk as revenue_at_risk
    from dim_customers as customers
    inner join risks
        on coalesce(customers.latest_category, 'silent') = risks.category
    where customers.is_active and customers.monthly_baseline_revenue > 0

)

select
    customer_id,
    client_id,
    customer_type,
    tenure_band,
    category,
    cast(latest_responded_at as date) as latest_answer_on,
    yearly_revenue,
    round(risk_120_days, 4) as risk_120_days,
    round(risk_lower, 4) as risk_lower,
    round(risk_upper, 4) as risk_upper,
    round(revenue_at_risk, 2) as revenue_at_risk,
    round(
        sum(revenue_at_risk) over (
            order by revenue_at_risk desc, customer_id
            rows between unbounded preceding and current row
        ) / sum(revenue_at_risk) over (),
        4
    ) as share_of_all_at_risk,
    currency
from customers
order by revenue_at_risk desc, customer_id
limit 100
