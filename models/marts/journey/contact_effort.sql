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
    {{ safe_ratio('totals.repeats', 'totals.contacts') }} as repeat_share,
    {{ wilson_bound('totals.repeats', 'totals.contacts', '-') }} as repeat_share_lower,
    {{ wilson_bound('totals.repeats', 'totals.contacts', '+') }} as repeat_share_upper,
    totals.too_many,
    totals.unresolved,
    resolutions.median_hours as resolution_hours_median,
    resolutions.p90_hours as resolution_hours_p90,
    totals.costed_contacts,
    totals.handling_cost,
    {{ safe_ratio('totals.handling_cost', 'totals.costed_contacts') }} as cost_per_contact,
    active.customers as active_customers,
    {{ safe_ratio('totals.contacts_of_active', 'active.customers') }} as contacts_per_customer,
    1 - {{ safe_ratio('totals.active_customers', 'active.customers') }} as share_without_contact,
    {{ safe_ratio('totals.overloaded_customers', 'active.customers') }}
        as share_with_too_many_contacts,
    '{{ var("reporting_currency") }}' as currency,
    'descriptive' as evidence,
    totals.contacts >= {{ var('minimum_responses') }} as is_reportable
from {{ ref('int_contact_totals') }} as totals
inner join {{ ref('int_journey_stages') }} as stages
    on totals.journey_stage = stages.journey_stage
left join {{ ref('int_active_customers') }} as active
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
