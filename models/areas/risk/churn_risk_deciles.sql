with

judged as (

    select
        windows_before,
        customer_id,
        client_id,
        probability,
        case when has_left then 1 else 0 end as outcome,
        case when has_left then revenue_of_year else 0.0 end as revenue_lost
    from {{ ref('int_risk_probabilities') }}
    where windows_before > 0

),

by_client as (

    {{ each_client_and_all('judged', 'judged_client_id') }}

),

placed as (

    select
        *,
        row_number() over (
            partition by judged_client_id, windows_before
            order by probability desc, customer_id asc
        ) as place,
        count(*) over (partition by judged_client_id, windows_before) as customers
    from by_client

),

deciles as (

    select
        judged_client_id,
        {{ decile_of('place', 'customers') }} as decile,
        count(*) as customers,
        sum(outcome) as events,
        avg(probability) as mean_probability,
        sum(revenue_lost) as revenue_lost
    from placed
    group by judged_client_id, {{ decile_of('place', 'customers') }}

),

compared as (

    select
        *,
        {{ safe_ratio('events', 'customers') }} as observed_rate,
        {{ safe_ratio(
            'sum(events) over (partition by judged_client_id)',
            'sum(customers) over (partition by judged_client_id)'
        ) }} as base_rate,
        customers >= {{ var('minimum_responses') }} as is_reportable
    from deciles

)

select
    judged_client_id as client_id,
    decile,
    cast(customers as bigint) as customers,
    cast(events as bigint) as events,
    {{ when_reportable('mean_probability') }} as mean_probability,
    {{ when_reportable('observed_rate') }} as observed_rate,
    {{ when_reportable(wilson_bound('events', 'customers', '-')) }} as observed_rate_lower,
    {{ when_reportable(wilson_bound('events', 'customers', '+')) }} as observed_rate_upper,
    {{ when_reportable(safe_ratio('observed_rate', 'base_rate')) }} as lift,
    {{ money('revenue_lost') }} as revenue_lost,
    'descriptive' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from compared
