{# A model for every judged day, and for the day on which customers are scored, learned from the
   days before it whose outcome was known by then: of each client with enough customers who left and
   stayed, and of all. #}
{% set enough = var('risk_minimum_events') %}
with

outcomes as (

    select
        windows_before,
        client_id,
        sum(case when has_left then 1 else 0 end) as events,
        sum(case when has_left then 0 else 1 end) as others
    from {{ ref('int_risk_customer_days') }}
    where windows_before > 0
    group by windows_before, client_id

),

learned_from as (

    select
        judged.number as windows_before,
        judged.number + lag.number + 1 as learned_windows_before
    from {{ number_spine(var('risk_folds') + 1) }} as judged
    cross join {{ number_spine(var('risk_training_windows')) }} as lag

),

clients as (

    select
        learned_from.windows_before,
        outcomes.client_id,
        sum(outcomes.events) as events,
        sum(outcomes.others) as others
    from learned_from
    inner join outcomes
        on learned_from.learned_windows_before = outcomes.windows_before
    group by learned_from.windows_before, outcomes.client_id

),

{# One client alone is all. #}
clients_counted as (

    select
        *,
        count(*) over (partition by windows_before) as clients
    from clients

),

scopes as (

    select
        windows_before,
        'client' as scope,
        client_id,
        cast(windows_before as {{ dbt.type_string() }}) || '|' || client_id as model_key
    from clients
    where least(events, others) >= {{ enough }}

    union all

    select
        windows_before,
        'all' as scope,
        client_id,
        cast(windows_before as {{ dbt.type_string() }}) as model_key
    from clients_counted
    where clients > 1 or least(events, others) < {{ enough }}

),

cases as (

    select
        scopes.model_key,
        case when days.has_left then 1.0 else 0.0 end as outcome
        {%- for feature in risk_feature_names() %},
        days.{{ feature }}
        {%- endfor %}
    from scopes
    inner join learned_from
        on scopes.windows_before = learned_from.windows_before
    inner join {{ ref('int_risk_customer_days') }} as days
        on
            scopes.client_id = days.client_id
            and learned_from.learned_windows_before = days.windows_before

),

models as (

    {{ logistic_regression(
        'cases', 'model_key', 'outcome', risk_feature_names(), var('risk_ridge')
    ) }}

),

described as (

    select
        model_key,
        min(windows_before) as windows_before,
        min(scope) as scope,
        case when min(scope) = 'client' then min(client_id) end as client_id
    from scopes
    group by model_key

),

scoring_days as (

    select distinct
        windows_before,
        scoring_day
    from {{ ref('int_risk_customer_days') }}

),

span as (

    select
        learned_from.windows_before,
        min(days.scoring_day) as learned_from,
        max(days.scoring_day) as learned_to
    from learned_from
    inner join scoring_days as days
        on learned_from.learned_windows_before = days.windows_before
    group by learned_from.windows_before

)

select
    described.windows_before,
    described.scope,
    described.client_id,
    span.learned_from,
    span.learned_to,
    models.*
from models
inner join described
    on models.group_key = described.model_key
inner join span
    on described.windows_before = span.windows_before
where models.events >= {{ var('minimum_responses') }}
