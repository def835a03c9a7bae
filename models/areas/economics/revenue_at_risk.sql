{# What customers last said, if it is not too long ago. #}
with

customers as (

    select
        in_cells.standing_cell,
        case
            when
                {{ add_months('customers.latest_responded_on', var('answer_good_for_months')) }}
                > clock.as_of
                then customers.latest_category
            else 'unknown'
        end as category,
        customers.monthly_baseline_revenue
    from (
        select
            customer_id,
            is_active,
            latest_category,
            cast(latest_responded_at as date) as latest_responded_on,
            monthly_baseline_revenue
        from {{ ref('dim_customers') }}
    ) as customers
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ ref('int_customers_in_cells') }} as in_cells
        on customers.customer_id = in_cells.customer_id
    where customers.is_active

),

cells as (

    select
        standing_cell,
        category,
        count(*) as customers,
        sum(12 * coalesce(monthly_baseline_revenue, 0)) as annual_revenue
    from customers
    group by standing_cell, category

),

by_segments as (

    {{ by_segment(
        'cells', ['category', 'customers', 'annual_revenue'], of=['customer', 'standing']
    ) }}

),

totals as (

    select
        segment_dimension,
        segment_value,
        category,
        sum(customers) as customers,
        sum(annual_revenue) as annual_revenue
    from by_segments
    group by segment_dimension, segment_value, category

),

shares as (

    select
        *,
        sum(annual_revenue) over (partition by segment_dimension, segment_value)
            as revenue_of_segment
    from totals

),

{# Of those asked in vain, for whoever we know nothing about. #}
risks as (

    select
        case when score_group_kind = 'silent' then 'unknown' else score_group end as category,
        customers as risk_customers,
        risk,
        lower as risk_lower,
        upper as risk_upper
    from {{ ref('churn_after_score') }}
    where
        gap_days = 0
        and window_days = 365
        and adjustment = 'unadjusted'
        and score_group_kind in ('category', 'silent')
        and is_reportable

)

select
    shares.segment_dimension,
    shares.segment_value,
    shares.category,
    case shares.category
        when 'detractor' then 'at_risk'
        when 'unknown' then 'unknown'
        else 'safe'
    end as standing,
    cast(shares.customers as bigint) as customers,
    cast(shares.annual_revenue as decimal(18, 2)) as annual_revenue,
    {{ safe_ratio('shares.annual_revenue', 'shares.revenue_of_segment') }} as share_of_revenue,
    cast(coalesce(risks.risk_customers, 0) as bigint) as risk_customers,
    risks.risk,
    risks.risk_lower,
    risks.risk_upper,
    {{ money('risks.risk * shares.annual_revenue') }} as expected_loss,
    {{ money(
        'shares.annual_revenue * case when shares.annual_revenue < 0 then risks.risk_upper'
        ~ ' else risks.risk_lower end'
    ) }} as expected_loss_lower,
    {{ money(
        'shares.annual_revenue * case when shares.annual_revenue < 0 then risks.risk_lower'
        ~ ' else risks.risk_upper end'
    ) }} as expected_loss_upper,
    'descriptive' as evidence,
    risks.risk is not null as is_reportable,
    {{ reporting_currency() }} as currency
from shares
left join risks
    on shares.category = risks.category
