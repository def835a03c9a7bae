{# Every contact with what makes it a burden: that it repeats another, is one too many, or is slow.
   Only contacts before it are looked at, so that a mark never rests on what came later. #}
with

contacts as (

    select
        interaction_id,
        customer_id,
        {{ named_or_unknown('journey_stage') }} as journey_stage,
        channel,
        opened_at,
        resolved_at,
        is_complaint,
        is_fault,
        handling_cost
    from {{ ref('fct_interactions') }}

),

compared as (

    select
        *,
        lag(opened_at) over (
            partition by customer_id, journey_stage order by opened_at, interaction_id
        ) as previous_opened_at,
        {# With this one, as many as are too many have come since then. #}
        lag(opened_at, {{ var('too_many_contacts') - 1 }}) over (
            partition by customer_id order by opened_at, interaction_id
        ) as many_since,
        lag(opened_at, {{ var('too_many_contacts') - 1 }}) over (
            partition by customer_id, journey_stage order by opened_at, interaction_id
        ) as many_of_the_stage_since
    from contacts

)

select
    compared.interaction_id,
    compared.customer_id,
    profiles.customer_cell,
    compared.journey_stage,
    compared.channel,
    compared.opened_at,
    cast(compared.opened_at as date) as opened_on,
    compared.resolved_at,
    {{ hours_between('compared.opened_at', 'compared.resolved_at') }} as resolution_hours,
    {# From when on it is slow; without recorded resolutions nobody knows. #}
    case
        when histories.are_resolutions_recorded
            then {{ add_hours('compared.opened_at', 'stages.slow_after_hours') }}
    end as slow_from,
    compared.is_complaint,
    compared.is_fault,
    coalesce(
        compared.opened_at
        < {{ add_hours('compared.previous_opened_at', 24 * var('repeat_within_days')) }},
        false
    ) as is_repeat,
    coalesce(
        compared.opened_at
        < {{ add_hours('compared.many_since', 24 * var('exposure_days')) }},
        false
    ) as is_too_many,
    coalesce(
        compared.opened_at
        < {{ add_hours('compared.many_of_the_stage_since', 24 * var('exposure_days')) }},
        false
    ) as is_too_many_of_the_stage,
    compared.handling_cost
from compared
inner join {{ ref('int_customer_profiles') }} as profiles
    on compared.customer_id = profiles.customer_id
inner join {{ ref('int_journey_stages') }} as stages
    on compared.journey_stage = stages.journey_stage
inner join {{ ref('int_contact_histories') }} as histories
    on profiles.client_id = histories.client_id
