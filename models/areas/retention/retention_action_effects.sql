with

comparisons as (

    select * from {{ ref('int_action_comparisons') }}

),

revenue as (

    select
        {{ action_group() | join(',\n        ') }},
        max(revenue_months) as revenue_months,
        max(case when is_treated then mean_gain end)
        - max(case when is_treated then null else mean_gain end) as gain,
        sqrt(sum(variance)) as gain_error,
        min(customers) >= {{ var('minimum_responses') }} and count(*) = 2 as is_known
    from {{ ref('int_action_revenue_effects') }}
    group by {{ action_group() | join(', ') }}

),

{# Of those that count for the evidence, the covariate in which the arms differ most. #}
balance as (

    select
        {{ action_group() | join(',\n        ') }},
        max(abs(standardised_difference)) as largest_difference,
        max(abs(standardised_difference_adjusted)) as largest_difference_adjusted
    from {{ ref('retention_action_balance') }}
    group by {{ action_group() | join(', ') }}

),

valued as (

    select
        comparisons.*,
        case when revenue.is_known then revenue.revenue_months end as revenue_months,
        case when revenue.is_known then comparisons.treated * revenue.gain end as revenue_kept,
        case when revenue.is_known then comparisons.treated * revenue.gain_error end
            as revenue_error,
        case comparisons.evidence
            when 'adjusted' then balance.largest_difference_adjusted
            else balance.largest_difference
        end as largest_standardised_difference
    from comparisons
    left join revenue
        on {{ same_group('comparisons', 'revenue', action_group()) }}
    left join balance
        on {{ same_group('comparisons', 'balance', action_group()) }}

)

select
    campaign_id,
    action_kind,
    target_category,
    segment_dimension,
    segment_value,
    assigned_treated,
    assigned_control,
    treated,
    control,
    customers_in_both_arms,
    treated_events as events_treated,
    control_events as events_control,
    {{ var('churn_window_days') }} as window_days,
    {{ when_reportable('treated_risk') }} as churn_treated,
    {{ when_reportable('sqrt(' ~ arm_variance('treated') ~ ')') }} as churn_treated_standard_error,
    {{ when_compared('control_risk') }} as churn_control,
    {{ when_compared('sqrt(' ~ arm_variance('control') ~ ')') }} as churn_control_standard_error,
    {{ when_compared('risk_difference') }} as risk_difference,
    {{ when_compared('difference_error') }} as risk_difference_standard_error,
    {{ when_compared('difference_lower') }} as risk_difference_lower,
    {{ when_compared('difference_upper') }} as risk_difference_upper,
    {{ when_compared('1 - risk_ratio') }} as relative_reduction,
    {{ when_compared('risk_ratio * log_ratio_error') }} as relative_reduction_standard_error,
    {{ when_compared('1 - risk_ratio * exp(' ~ z95() ~ ' * log_ratio_error)') }}
        as relative_reduction_lower,
    {{ when_compared('1 - risk_ratio * exp(-' ~ z95() ~ ' * log_ratio_error)') }}
        as relative_reduction_upper,
    {{ when_compared('p_value') }} as p_value,
    {{ when_compared('unadjusted_treated_risk') }} as churn_treated_unadjusted,
    {{ when_compared('unadjusted_control_risk') }} as churn_control_unadjusted,
    {{ when_compared(
        '1 - ' ~ safe_ratio('unadjusted_treated_risk', 'unadjusted_control_risk')
    ) }} as relative_reduction_unadjusted,
    standardised_share,
    largest_standardised_difference,
    sample_ratio_p_value,
    acceptance,
    {{ when_compared(complier_effect('risk_difference')) }} as complier_effect,
    {{ when_compared(complier_effect('difference_lower')) }} as complier_effect_lower,
    {{ when_compared(complier_effect('difference_upper')) }} as complier_effect_upper,
    cast(revenue_months as int) as revenue_months,
    {{ money('revenue_months * treated_monthly_baseline') }} as treated_baseline_revenue,
    {{ money('revenue_kept') }} as revenue_kept,
    {{ money('revenue_error') }} as revenue_kept_standard_error,
    {{ money('revenue_kept - ' ~ z95() ~ ' * revenue_error') }} as revenue_kept_lower,
    {{ money('revenue_kept + ' ~ z95() ~ ' * revenue_error') }} as revenue_kept_upper,
    cost,
    {{ money('revenue_kept - cost') }} as net_value,
    {{ money('revenue_kept - ' ~ z95() ~ ' * revenue_error - cost') }} as net_value_lower,
    {{ money('revenue_kept + ' ~ z95() ~ ' * revenue_error - cost') }} as net_value_upper,
    {{ safe_ratio('revenue_kept - cost', 'cost') }} as return_on_cost,
    evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from valued
