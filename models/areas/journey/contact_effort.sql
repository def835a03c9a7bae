with

totals as (

    select
        *,
        contacts >= {{ var('minimum_responses') }} as is_reportable
    from {{ ref('int_contact_totals') }}

),

{# Shares of customers rest on customers, not on contacts. #}
active as (

    select
        *,
        customers >= {{ var('minimum_responses') }} as is_reportable
    from {{ ref('int_active_customers') }}

)

select
    totals.period_grain,
    totals.period_start,
    totals.segment_dimension,
    totals.segment_value,
    totals.journey_stage,
    totals.channel,
    stages.stage_label,
    stages.stage_order,
    stages.journey_phase,
    totals.contacts,
    totals.customers,
    totals.complaints,
    totals.faults,
    totals.repeats,
    case when totals.is_reportable then {{ safe_ratio('totals.repeats', 'totals.contacts') }} end
        as repeat_share,
    case
        when totals.is_reportable
            then {{ wilson_bound('totals.repeats', 'totals.contacts', '-') }}
    end as repeat_share_lower,
    case
        when totals.is_reportable
            then {{ wilson_bound('totals.repeats', 'totals.contacts', '+') }}
    end as repeat_share_upper,
    totals.too_many,
    totals.unresolved,
    case when totals.is_reportable then resolutions.median_hours end as resolution_hours_median,
    case when totals.is_reportable then resolutions.p90_hours end as resolution_hours_p90,
    totals.costed_contacts,
    {{ money('totals.handling_cost') }} as handling_cost,
    case
        when totals.is_reportable
            then {{ money(safe_ratio('totals.handling_cost', 'totals.costed_contacts')) }}
    end as cost_per_contact,
    active.customers as active_customers,
    case
        when active.is_reportable
            then {{ safe_ratio('totals.contacts_of_active', 'active.customers') }}
    end as contacts_per_customer,
    case
        when active.is_reportable
            then 1 - {{ safe_ratio('totals.active_customers', 'active.customers') }}
    end as share_without_contact,
    case
        when active.is_reportable
            then {{ safe_ratio('totals.overloaded_customers', 'active.customers') }}
    end as share_with_too_many_contacts,
    {{ reporting_currency() }} as currency,
    'descriptive' as evidence,
    totals.is_reportable
from totals
inner join {{ ref('int_journey_stages') }} as stages
    on totals.journey_stage = stages.journey_stage
left join active
    on
        totals.period_grain = active.period_grain
        and totals.period_start = active.period_start
        and totals.segment_dimension = active.segment_dimension
        and totals.segment_value = active.segment_value
left join {{ ref('int_contact_resolutions') }} as resolutions
    on
        totals.period_grain = resolutions.period_grain
        and totals.period_start = resolutions.period_start
        and totals.segment_dimension = resolutions.segment_dimension
        and totals.segment_value = resolutions.segment_value
        and totals.journey_stage = resolutions.journey_stage
        and totals.channel = resolutions.channel
