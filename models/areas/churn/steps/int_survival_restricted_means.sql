{# Days lived, on average, within 12 and 36 months of the answer: the area under the survival curve,
   and its variance: Σ over event days of (the area from there on)² × d / (n (n − d)). #}
with

horizons as (

    select
        12 as horizon_months,
        365 as horizon_days

    union all

    select
        36 as horizon_months,
        1095 as horizon_days

),

steps as (

    select
        category,
        day,
        events,
        at_risk,
        entered,
        censored,
        sum({{ log_survival_step('events', 'at_risk') }}) over (
            partition by category order by day rows between unbounded preceding and current row
        ) as log_survival,
        max(
            case when events > 0 and {{ is_last_survivor('events', 'at_risk') }} then 1 else 0 end
        ) over (
            partition by category order by day rows between unbounded preceding and current row
        ) as has_ended,
        {{ greenwood_step('events', 'at_risk', 'at_risk') }} as variance_step,
        lead(day) over (partition by category order by day) as next_day,
        max(day) over (partition by category) as last_day_seen,
        sum(entered) over (partition by category) as customers
    from {{ ref('int_survival_by_day') }}

),

areas as (

    select
        horizons.horizon_months,
        horizons.horizon_days,
        steps.category,
        steps.day,
        steps.customers,
        steps.last_day_seen,
        steps.has_ended,
        steps.variance_step,
        case when steps.has_ended = 1 then 0.0 else exp(steps.log_survival) end
        * (
            least(coalesce(steps.next_day, horizons.horizon_days), horizons.horizon_days)
            - steps.day
        )
            as area
    from steps
    inner join horizons
        on horizons.horizon_days > steps.day

),

areas_from_here as (

    select
        *,
        sum(area) over (
            partition by category, horizon_months
            order by day
            rows between current row and unbounded following
        ) as area_from_here
    from areas

)

select
    horizon_months,
    category,
    cast(max(customers) as bigint) as customers,
    sum(area) as restricted_mean_days,
    sum(area_from_here * area_from_here * variance_step) as variance,
    max(last_day_seen) >= max(horizon_days) or max(has_ended) = 1 as is_followed
from areas_from_here
group by horizon_months, category
