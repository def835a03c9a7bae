{# What a participant's revenue in the months after the assignment's month added to, or fell short
   of, its baseline before it, summed up to each month. Against the baseline, because customers
   differ in size far more than an action can change them: both arms lose the same expected
   baseline, and the rest has a fraction of the variance. #}
with

months as (

    select
        participants.campaign_id,
        participants.action_kind,
        participants.customer_id,
        participants.monthly_baseline_revenue,
        spine.number as months_since,
        {{ add_months(month_of('participants.assigned_on'), 'spine.number') }} as revenue_month
    from {{ ref('int_action_participants') }} as participants
    inner join {{ number_spine(var('effect_months') + 1) }} as spine
        on spine.number >= 1 and participants.months_followed >= spine.number
    where participants.is_at_risk

)

select
    months.campaign_id,
    months.action_kind,
    months.customer_id,
    months.months_since,
    sum(
        coalesce(cast(revenue.net_revenue as double), 0.0)
        - coalesce(months.monthly_baseline_revenue, 0.0)
    ) over (
        partition by months.campaign_id, months.action_kind, months.customer_id
        order by months.months_since
        rows between unbounded preceding and current row
    ) as gain
from months
left join {{ ref('fct_customer_revenue_monthly') }} as revenue
    on
        months.customer_id = revenue.customer_id
        and months.revenue_month = revenue.revenue_month
