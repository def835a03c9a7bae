{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_touched('customer_id', 'support_interactions.customer_id') }}"
) }}

select
    interactions.interaction_id,
    interactions.customer_id,
    interactions.service_line,
    interactions.journey_stage,
    interactions.channel,
    coalesce(interactions.direction, 'inbound') as direction,
    interactions.reason,
    interactions.opened_at,
    interactions.resolved_at,
    {{ days_between(
        'cast(interactions.opened_at as date)', 'cast(interactions.resolved_at as date)'
    ) }}
        as resolution_days,
    coalesce(interactions.is_complaint, false) as is_complaint,
    coalesce(interactions.is_fault, false) as is_fault,
    cast(round(interactions.handling_cost * rates.rate_to_reporting, 2) as decimal(18, 2))
        as handling_cost
from {{ ref('stg_support__interactions') }} as interactions
left join {{ ref('int_exchange_rates_ranged') }} as rates
    on
        interactions.currency = rates.currency
        and cast(interactions.opened_at as date) >= rates.valid_from
        and cast(interactions.opened_at as date) < {{ open_ended('rates.valid_to') }}
{% if is_incremental() -%}
where interactions.customer_id in {{ touched('support_interactions.customer_id') }}
{%- endif %}
