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
    totals.segment_dimension,
    totals.segment_value,
    totals.category,
    case totals.category
        when 'detractor' then 'at_risk'
        when 'unknown' then 'unknown'
        else 'safe'
    end as standing,
    cast(totals.customers as bigint) as customers,
    cast(totals.annual_revenue as decimal(18, 2)) as annual_revenue,
    {{ safe_ratio(
        'totals.annual_revenue',
        'sum(totals.annual_revenue) over (partition by totals.segment_dimension, totals.segment_value)'
    ) }} as share_of_revenue,
    cast(coalesce(risks.risk_customers, 0) as bigint) as risk_customers,
    risks.risk,
    risks.risk_lower,
    risks.risk_upper,
    {{ money('risks.risk * totals.annual_revenue') }} as expected_loss,
    {{ money(
        'least(risks.risk_lower * totals.annual_revenue, risks.risk_upper * totals.annual_revenue)'
    ) }} as expected_loss_lower,
    {{ money(
        'greatest(risks.risk_lower * totals.annual_revenue, risks.risk_upper * totals.annual_revenue)'
    ) }} as expected_loss_upper,
    'descriptive' as evidence,
    risks.risk is not null as is_reportable,
    {{ reporting_currency() }} as currency
from totals
left join risks
    on totals.category = risks.category
