-- Question 4: is the potential of promoters used, commercially and by word of mouth?
--
-- How to read it: one line per category of the latest answer, active and lost customers together. Commercially:
-- of the active customers, the share whose recurring revenue grew by more than 5 % over the last twelve
-- months, the share whose shrank by as much, and the growth of all together. By word of mouth: how many new customers each hundred of
-- them brought, and what these bring a month. Promoters who neither buy more nor bring anybody are
-- potential that lies idle; `offers` counts the upsell offers and referral requests made to them.
--
-- Shown: category, active_customers (count), monthly_revenue_per_customer (money), share_that_grew (share),
-- share_that_shrank (share), growth_in_a_year (share), referred_per_hundred, offers (count)
with

clock as (

    select max(month_start) as last_month
    from dim_dates
    where is_in_complete_month

),

movements as (

    select
        revenue.customer_id,
        arg_min(revenue.opening_recurring, revenue.revenue_month) as before,
        sum(revenue.movement) as growth
    from fct_customer_revenue_monthly as revenue
    cross join clock
    where
        revenue.revenue_month > clock.last_month - interval 12 month
        and revenue.revenue_month <= clock.last_month
    group by revenue.customer_id

),

referrals as (

    select
        referred_by_customer_id as customer_id,
        count(*) as referred,
        sum(case when is_active then monthly_baseline_revenue else 0 end) as referred_revenue
    from dim_customers
    where referred_by_customer_id is not null
    group by referred_by_customer_id

),

offers as (

    select
        target_category as category,
        sum(assigned_treated) as offers
    from retention_action_effects
    where segment_dimension = 'all' and action_kind in ('upsell_offer', 'referral_request')
    group by target_category

)

select
    coalesce(customers.latest_category, 'never answered') as category,
    count(*) filter (where customers.is_active) as active_customers,
    round(avg(customers.monthly_baseline_revenue) filter (where customers.is_active), 2)
        as monthly_revenue_per_customer,
    round(
        avg(case when movements.growth > 0.05 * movements.before then 1 else 0 end)
            filter (where customers.is_active),
        4
    ) as share_that_grew,
    round(
        avg(case when movements.growth < -0.05 * movements.before then 1 else 0 end)
            filter (where customers.is_active),
        4
    ) as share_that_shrank,
    round(
        sum(movements.growth) filter (where customers.is_active)
        / nullif(sum(movements.before) filter (where customers.is_active), 0),
        4
    ) as growth_in_a_year,
    round(100 * sum(coalesce(referrals.referred, 0)) / count(*), 2) as referred_per_hundred,
    round(sum(coalesce(referrals.referred_revenue, 0)), 2) as monthly_revenue_referred,
    coalesce(max(offers.offers), 0) as offers
from dim_customers as customers
left join movements
    on customers.customer_id = movements.customer_id
left join referrals
    on customers.customer_id = referrals.customer_id
left join offers
    on customers.latest_category = offers.category
group by coalesce(customers.latest_category, 'never answered')
order by category
