-- Question 3: what are promoters like?
--
-- How to read it: customers by their latest answer. For each trait, the share of promoters who have it beside the
-- share of everybody else who answered; `times_as_often` is the ratio of the two, `lower` and `upper` its
-- 95 % interval. A trait describes promoters; it did not make them so.
--
-- Shown: trait, trait_value, promoters (count), others (count), share_of_promoters (share), share_of_others (share),
-- times_as_often (ratio), lower to upper (ratio)
with

customers as (

    select
        customers.*,
        case when latest_category = 'promoter' then 1 else 0 end as is_promoter
    from dim_customers as customers
    where latest_category is not null and is_active

),

traits as (

    select 'customer_type' as trait, customer_type as trait_value, is_promoter from customers
    union all
    select 'region', region, is_promoter from customers
    union all
    select 'plan_tier', plan_tier, is_promoter from customers
    union all
    select 'tenure_band', tenure_band, is_promoter from customers
    union all
    select 'revenue_band', revenue_band, is_promoter from customers
    union all
    select 'industry', industry, is_promoter from customers
    union all
    select 'acquisition_source', acquisition_source, is_promoter from customers

),

counts as (

    select
        trait,
        trait_value,
        sum(is_promoter) as promoters,
        count(*) - sum(is_promoter) as others
    from traits
    where trait_value is not null
    group by trait, trait_value

),

shares as (

    select
        counts.*,
        promoters / sum(promoters) over (partition by trait) as share_of_promoters,
        others / sum(others) over (partition by trait) as share_of_others,
        sqrt(
            1 / nullif(promoters, 0) - 1 / sum(promoters) over (partition by trait)
            + 1 / nullif(others, 0) - 1 / sum(others) over (partition by trait)
        ) as log_error
    from counts

)

select
    trait,
    trait_value,
    promoters,
    others,
    round(share_of_promoters, 4) as share_of_promoters,
    round(share_of_others, 4) as share_of_others,
    round(share_of_promoters / share_of_others, 3) as times_as_often,
    round(share_of_promoters / share_of_others * exp(-1.959964 * log_error), 3) as lower,
    round(share_of_promoters / share_of_others * exp(1.959964 * log_error), 3) as upper
from shares
where promoters >= 30 and others >= 30
order by abs(ln(share_of_promoters / share_of_others)) desc, trait, trait_value
