{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ touch_customers_of_resolved_contacts() }}",
        "{{ forget_touched('customer_id', 'support_interactions.customer_id') }}"
    ]
) }}

with

{# What is resolved after the clock's day is not yet resolved on it. #}
interactions as (

    select
        interactions.*,
        case
            when not coalesce(cast(interactions.resolved_at as date) > clock.as_of, false)
                then interactions.resolved_at
        end as resolved_by_then
    from {{ ref('stg_support__interactions') }} as interactions
    cross join {{ ref('int_run_clock') }} as clock

)

select
    interactions.interaction_id,
    interactions.customer_id,
    interactions.service_line,
    interactions.journey_stage,
    interactions.channel,
    coalesce(interactions.direction, 'inbound') as direction,
    interactions.reason,
    interactions.opened_at,
    interactions.resolved_by_then as resolved_at,
    {{ days_between(
        'cast(interactions.opened_at as date)', 'cast(interactions.resolved_by_then as date)'
    ) }}
        as resolution_days,
    coalesce(interactions.is_complaint, false) as is_complaint,
    coalesce(interactions.is_fault, false) as is_fault,
    {{ converted('interactions.handling_cost', 'rates.rate_to_reporting') }} as handling_cost,
    {{ reporting_currency() }} as currency
from interactions
left join {{ ref('int_exchange_rates_ranged') }} as rates
    on
        interactions.currency = rates.currency
        and cast(interactions.opened_at as date) >= rates.valid_from
        and cast(interactions.opened_at as date) < {{ open_ended('rates.valid_to') }}
{% if is_incremental() -%}
where interactions.customer_id in {{ touched('support_interactions.customer_id') }}
{%- endif %}
