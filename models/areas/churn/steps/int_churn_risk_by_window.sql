{# Risk of leaving within each window, with its interval. #}
with

windows as (

    {% for window in churn_windows() %}
    select {{ window }} as window_days{{ '\n    union all' if not loop.last }}
    {% endfor %}

),

group_sizes as (

    select
        gap_days,
        adjustment,
        score_group_kind,
        score_group,
        count(*) as customers,
        sum(weight) as weight,
        sum(weight * weight) as weight_squared,
        max(days_followed) as longest_followed
    from {{ ref('int_churn_risk_groups') }}
    group by gap_days, adjustment, score_group_kind, score_group

),

survival as (

    select
        group_sizes.gap_days,
        windows.window_days,
        group_sizes.adjustment,
        group_sizes.score_group_kind,
        group_sizes.score_group,
        group_sizes.customers,
        group_sizes.weight,
        {{ safe_ratio('group_sizes.weight * group_sizes.weight', 'group_sizes.weight_squared') }}
            as effective_customers,
        {# Followed to the end of the window, or to the last customer. #}
        group_sizes.longest_followed >= windows.window_days
        or coalesce(max(case when by_day.ends_survival then 1 else 0 end), 0) = 1 as is_followed,
        coalesce(sum(by_day.events), 0) as events,
        case
            when max(case when by_day.ends_survival then 1 else 0 end) = 1 then 0.0
            else exp(coalesce(sum(by_day.log_survival_step), 0.0))
        end as survival,
        coalesce(sum(by_day.variance_step), 0.0) as log_variance
    from group_sizes
    cross join windows
    left join {{ ref('int_churn_risk_by_day') }} as by_day
        on
            group_sizes.gap_days = by_day.gap_days
            and group_sizes.adjustment = by_day.adjustment
            and group_sizes.score_group_kind = by_day.score_group_kind
            and group_sizes.score_group = by_day.score_group
            and windows.window_days >= by_day.day
    group by
        group_sizes.gap_days,
        windows.window_days,
        group_sizes.adjustment,
        group_sizes.score_group_kind,
        group_sizes.score_group,
        group_sizes.customers,
        group_sizes.weight,
        group_sizes.weight_squared,
        group_sizes.longest_followed

),

standard as (

    select
        gap_days,
        count(*) as customers
    from {{ ref('int_churn_landmarks') }}
    where landmark_kind = 'answered'
    group by gap_days

)

select
    survival.gap_days,
    survival.window_days,
    survival.adjustment,
    survival.score_group_kind,
    survival.score_group,
    survival.customers,
    cast(survival.events as bigint) as events,
    1 - survival.survival as risk,
    survival.survival * sqrt(survival.log_variance) as standard_error,
    {# Nobody left yet, or all have: the exact 97.5 % bound, 1 − 0.025^(1/n) or its mirror. #}
    case
        when survival.events = 0 then 0.0
        when survival.survival = 0 then power(0.025, 1.0 / survival.effective_customers)
        else 1 - {{ log_log_bound('survival.survival', 'survival.log_variance', '+') }}
    end as lower,
    case
        when survival.events = 0 then 1 - power(0.025, 1.0 / survival.effective_customers)
        when survival.survival = 0 then 1.0
        else 1 - {{ log_log_bound('survival.survival', 'survival.log_variance', '-') }}
    end as upper,
    {# Var(ln risk), for ratios. #}
    case
        when survival.survival < 1
            then survival.survival * survival.survival * survival.log_variance
                / ((1 - survival.survival) * (1 - survival.survival))
    end as log_risk_variance,
    case
        when survival.adjustment = 'adjusted'
            then {{ safe_ratio('survival.weight', 'standard.customers') }}
        else 1.0
    end as standardised_share,
    survival.customers >= {{ var('minimum_responses') }} and survival.is_followed as is_reportable
from survival
inner join standard
    on survival.gap_days = standard.gap_days
