{# The stages of the seed, those found only in the data after them, and `all`. #}
with

found as (

    select {{ named_or_unknown('journey_stage') }} as journey_stage
    from {{ ref('fct_interactions') }}

    union

    select {{ named_or_unknown('journey_stage') }} as journey_stage
    from {{ ref('int_answers_voiced') }}

)

select
    journey_stage,
    label as stage_label,
    stage_order,
    phase as journey_phase,
    slow_after_hours
from {{ ref('journey_stages') }}

union all

select
    'all' as journey_stage,
    'All stages' as stage_label,
    0 as stage_order,
    cast(null as {{ dbt.type_string() }}) as journey_phase,
    cast(null as int) as slow_after_hours

union all

select
    found.journey_stage,
    found.journey_stage as stage_label,
    999 as stage_order,
    cast(null as {{ dbt.type_string() }}) as journey_phase,
    {{ var('slow_after_hours') }} as slow_after_hours
from found
left join {{ ref('journey_stages') }} as stages
    on found.journey_stage = stages.journey_stage
where stages.journey_stage is null
