with

estimates as (

    select
        estimates.*,
        bases.base,
        bases.monthly_baseline_revenue
    from {{ ref('int_point_estimates') }} as estimates
    inner join {{ ref('int_point_bases') }} as bases
        on
            estimates.segment_dimension = bases.segment_dimension
            and estimates.segment_value = bases.segment_value

)

select
    segment_dimension,
    segment_value,
    adjustment,
    base,
    cast(coalesce(customers, 0) as bigint) as customers,
    {{ var('horizon_months') }} as horizon_months,
    cast(observed_months as int) as observed_months,
    {{ when_reportable('projected_share') }} as projected_share,
    cast(round(monthly_baseline_revenue, 2) as decimal(18, 2)) as monthly_baseline_revenue,
    {{ point_value('total') }} as revenue_per_point,
    {{ point_value('total_standard_error') }} as standard_error,
    {{ point_value('total - ' ~ z95() ~ ' * total_standard_error') }} as lower,
    {{ point_value('total + ' ~ z95() ~ ' * total_standard_error') }} as upper,
    {{ point_value('churn') }} as churn_component,
    {{ point_value('churn - ' ~ z95() ~ ' * churn_standard_error') }} as churn_component_lower,
    {{ point_value('churn + ' ~ z95() ~ ' * churn_standard_error') }} as churn_component_upper,
    {{ point_value('wallet') }} as wallet_component,
    {{ point_value('wallet - ' ~ z95() ~ ' * wallet_standard_error') }} as wallet_component_lower,
    {{ point_value('wallet + ' ~ z95() ~ ' * wallet_standard_error') }} as wallet_component_upper,
    {{ point_value('discounted') }} as discounted_revenue_per_point,
    {{ point_value('discounted - ' ~ z95() ~ ' * discounted_standard_error') }} as discounted_lower,
    {{ point_value('discounted + ' ~ z95() ~ ' * discounted_standard_error') }} as discounted_upper,
    {{ when_reportable('total / 12') }} as share_of_annual_revenue,
    {{ when_reportable('placebo_z') }} as placebo_z,
    {{ when_reportable(is_placebo_clean('placebo_z', 'placebo_share')) }} as is_placebo_clean,
    {{ when_reportable('placebo_share') }} as placebo_share,
    case when adjustment = 'adjusted' then 'adjusted' else 'descriptive' end as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from estimates
