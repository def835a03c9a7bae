{# Counts of int_contact_counts by period and segment. #}
with

by_period as (

    {% for grain in period_grains('opened_month') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        customers_of_{{ grain.name }} as customers,
        active_customers_of_{{ grain.name }} as active_customers,
        overloaded_customers_of_{{ grain.name }} as overloaded_customers,
        counts.*
    from {{ ref('int_contact_counts') }} as counts
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

by_segments as (

    {{ by_segment('by_period', [
        'period_grain', 'period_start', 'journey_stage', 'channel', 'customers',
        'active_customers', 'overloaded_customers', 'contacts', 'contacts_of_active', 'repeats',
        'too_many', 'complaints', 'faults', 'unresolved', 'costed_contacts', 'handling_cost',
    ], of=['customer']) }}

)

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    journey_stage,
    channel,
    {% for column in [
        'customers', 'active_customers', 'overloaded_customers', 'contacts', 'contacts_of_active',
        'repeats', 'too_many', 'complaints', 'faults', 'unresolved', 'costed_contacts',
    ] %}
    cast(sum({{ column }}) as bigint) as {{ column }},
    {% endfor %}
    cast(sum(handling_cost) as decimal(18, 2)) as handling_cost
from by_segments
group by
    period_grain, period_start, segment_dimension, segment_value, journey_stage, channel
