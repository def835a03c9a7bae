{# Counts of int_contact_counts by segment and period. Segments first: then few rows are left to
   repeat for every kind of period. #}
{% set counts = [
    'contacts', 'contacts_of_active', 'repeats', 'too_many', 'complaints', 'faults', 'unresolved',
    'costed_contacts',
] %}
{% set customers = ['customers', 'active_customers', 'overloaded_customers'] %}
{% set grains = period_grains('opened_month') %}
{% set customers_by_grain = [] %}
{% for grain in grains %}{% for who in customers %}
{% do customers_by_grain.append(who ~ '_of_' ~ grain.name) %}
{% endfor %}{% endfor %}
with

by_segments as (

    {{ by_segment(
        ref('int_contact_counts'),
        ['opened_month', 'journey_stage', 'channel', 'handling_cost'] + counts + customers_by_grain,
        of=['customer']
    ) }}

),

months as (

    select
        segment_dimension,
        segment_value,
        journey_stage,
        channel,
        opened_month,
        {% for column in counts + customers_by_grain %}
        cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor %}
        cast(sum(handling_cost) as decimal(18, 6)) as handling_cost
    from by_segments
    group by segment_dimension, segment_value, journey_stage, channel, opened_month

)

{% for grain in grains %}
select
    '{{ grain.name }}' as period_grain,
    {{ grain.start }} as period_start,
    segment_dimension,
    segment_value,
    journey_stage,
    channel,
    {% for column in counts %}
    cast(sum({{ column }}) as bigint) as {{ column }},
    {% endfor %}
    {% for who in customers %}
    cast(sum({{ who }}_of_{{ grain.name }}) as bigint) as {{ who }},
    {% endfor %}
    cast(sum(handling_cost) as decimal(18, 6)) as handling_cost
from months
group by {{ grain.start }}, segment_dimension, segment_value, journey_stage, channel
{{ 'union all' if not loop.last }}
{% endfor %}
