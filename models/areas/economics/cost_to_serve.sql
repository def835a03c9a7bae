{# Active customers by what they last said, and what serving them took, month by month. #}
{% set counts = ['interactions', 'faults', 'complaints', 'costed_interactions'] %}
{% set sums = counts + ['handling_cost', 'squared_interactions', 'squared_cost'] %}
with

stretches as (

    select
        stretches.*,
        profiles.customer_cell
    from {{ ref('int_category_stretches') }} as stretches
    inner join {{ ref('int_customer_profiles') }} as profiles
        on stretches.customer_id = profiles.customer_id

),

contacts as (

    select
        customer_id,
        {{ month_number('cast(opened_at as date)') }} as opened_month,
        count(*) as interactions,
        count(case when is_fault then 1 end) as faults,
        count(case when is_complaint then 1 end) as complaints,
        count(handling_cost) as costed_interactions,
        cast(coalesce(sum(handling_cost), 0) as double) as handling_cost
    from {{ ref('fct_interactions') }}
    group by customer_id, {{ month_number('cast(opened_at as date)') }}

),

{# Where contacts are known at all. #}
known_months as (

    select min(opened_month) as first_month
    from contacts

),

served as (

    select
        stretches.customer_cell,
        stretches.category,
        contacts.opened_month as month_number,
        0 as joined,
        sum(contacts.interactions) as interactions,
        sum(contacts.faults) as faults,
        sum(contacts.complaints) as complaints,
        sum(contacts.costed_interactions) as costed_interactions,
        sum(contacts.handling_cost) as handling_cost,
        sum(contacts.interactions * contacts.interactions) as squared_interactions,
        sum(contacts.handling_cost * contacts.handling_cost) as squared_cost
    from contacts
    inner join stretches
        on
            contacts.customer_id = stretches.customer_id
            and contacts.opened_month >= stretches.from_month
            and contacts.opened_month < stretches.until_month
    group by stretches.customer_cell, stretches.category, contacts.opened_month

),

joined as (

    select
        customer_cell,
        category,
        from_month as month_number,
        1 as change
    from stretches

    union all

    select
        customer_cell,
        category,
        until_month as month_number,
        -1 as change
    from stretches

),

movements as (

    select
        customer_cell,
        category,
        month_number,
        joined{% for name in sums %},
        {{ name }}{% endfor %}
    from served

    union all

    select
        customer_cell,
        category,
        month_number,
        sum(change) as joined{% for name in sums %},
        0 as {{ name }}{% endfor %}
    from joined
    group by customer_cell, category, month_number

),

by_segments as (

    {{ by_segment(
        'movements',
        ['category', 'month_number', 'joined'] + sums,
        of=['customer'],
        dimensions=['all', 'client_id', 'customer_type']
    ) }}

),

months as (

    select
        segment_dimension,
        segment_value,
        category,
        month_number,
        sum(joined) as joined{% for name in sums %},
        sum({{ name }}) as {{ name }}{% endfor %}
    from by_segments
    group by segment_dimension, segment_value, category, month_number

),

{# A month in which nobody joins or calls is a month too. #}
grid as (

    select
        groups.segment_dimension,
        groups.segment_value,
        groups.category,
        groups.first_month + spine.number as month_number
    from (
        select
            segment_dimension,
            segment_value,
            category,
            cast(min(month_number) as int) as first_month
        from months
        group by segment_dimension, segment_value, category
    ) as groups
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ number_spine(2400) }} as spine
        on groups.first_month + spine.number <= {{ month_number('clock.last_complete_month') }}

),

counted as (

    select
        grid.segment_dimension,
        grid.segment_value,
        grid.category,
        grid.month_number,
        sum(coalesce(months.joined, 0)) over (
            partition by grid.segment_dimension, grid.segment_value, grid.category
            order by grid.month_number
            rows between unbounded preceding and current row
        ) as customers{% for name in sums %},
        coalesce(months.{{ name }}, 0) as {{ name }}{% endfor %}
    from grid
    left join months
        on
            grid.segment_dimension = months.segment_dimension
            and grid.segment_value = months.segment_value
            and grid.category = months.category
            and grid.month_number = months.month_number

),

means as (

    select
        counted.*,
        counted.customers >= {{ var('minimum_responses') }} as is_reportable,
        {{ safe_ratio('counted.interactions', 'counted.customers') }} as per_customer,
        {{ z95() }} * sqrt(
            {{ variance_of_mean(
                'counted.customers', 'counted.interactions', 'counted.squared_interactions'
            ) }}
        ) as margin,
        {{ safe_ratio('counted.handling_cost', 'counted.customers') }} as cost,
        {{ z95() }} * sqrt(
            {{ variance_of_mean(
                'counted.customers', 'counted.handling_cost', 'counted.squared_cost'
            ) }}
        ) as cost_margin
    from counted
    inner join known_months
        on counted.month_number >= known_months.first_month
    where counted.customers > 0

)

select
    {{ month_from_number('month_number') }} as month,
    segment_dimension,
    segment_value,
    category,
    cast(customers as bigint) as customers,
    {% for name in counts -%}
    cast({{ name }} as bigint) as {{ name }},
    {% endfor -%}
    {{ money('handling_cost') }} as handling_cost,
    {{ when_reportable('per_customer') }} as interactions_per_customer,
    {{ when_reportable('greatest(0.0, per_customer - margin)') }} as lower,
    {{ when_reportable('per_customer + margin') }} as upper,
    {{ when_reportable(safe_ratio('faults', 'customers')) }} as faults_per_customer,
    {{ when_reportable(safe_ratio('complaints', 'customers')) }} as complaints_per_customer,
    case when is_reportable and costed_interactions > 0 then {{ money('cost') }} end
        as cost_per_customer,
    case when is_reportable and costed_interactions > 0 then {{ money('cost - cost_margin') }} end
        as cost_per_customer_lower,
    case when is_reportable and costed_interactions > 0 then {{ money('cost + cost_margin') }} end
        as cost_per_customer_upper,
    'descriptive' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from means
