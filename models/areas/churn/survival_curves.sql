with

steps as (

    select
        *,
        {{ log_survival_step('events', 'at_risk') }} as log_step,
        {{ greenwood_step('events', 'at_risk', 'at_risk') }} as variance_step,
        case when events > 0 and {{ is_last_survivor('events', 'at_risk') }} then 1 else 0 end
            as ends
    from {{ ref('int_survival_by_day') }}

),

running as (

    select
        *,
        sum(log_step) over (
            partition by category order by day rows between unbounded preceding and current row
        ) as log_survival,
        sum(variance_step) over (
            partition by category order by day rows between unbounded preceding and current row
        ) as log_variance,
        max(ends) over (
            partition by category order by day rows between unbounded preceding and current row
        ) as has_ended,
        sum(entered) over (partition by category) as customers
    from steps

),

survival as (

    select
        *,
        case when has_ended = 1 then 0.0 else exp(log_survival) end as survival,
        customers >= {{ var('minimum_responses') }} as is_reportable
    from running

)

select
    category,
    cast(day as int) as day,
    cast(customers as bigint) as customers,
    at_risk,
    entered,
    events,
    censored,
    {{ when_reportable('survival') }} as survival,
    {{ when_reportable('survival * sqrt(log_variance)') }} as standard_error,
    {{ when_reportable(log_log_bound('survival', 'log_variance', '-')) }} as lower,
    {{ when_reportable(log_log_bound('survival', 'log_variance', '+')) }} as upper,
    'descriptive' as evidence,
    is_reportable
from survival
where entered + events + censored > 0
