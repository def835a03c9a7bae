{# Contacts added up by month and attributes, over stages and channels and by each. A customer is
   counted once per period: with its first contact in it, that is the one before which the
   customer's last one lies in an earlier period. So customers add up over the months of a period
   like all else. #}
with

contacts as (

    select
        marked.interaction_id,
        marked.customer_id,
        marked.customer_cell,
        marked.journey_stage,
        marked.channel,
        marked.opened_at,
        marked.opened_on,
        marked.is_complaint,
        marked.is_fault,
        marked.is_repeat,
        marked.is_too_many,
        marked.is_too_many_of_the_stage,
        marked.resolved_at is null as is_unresolved,
        marked.handling_cost,
        {{ month_of('marked.opened_on') }} as opened_month,
        {# Of a customer at that time, not of somebody who will be or has been one. #}
        spells.customer_id is not null as is_of_active
    from {{ ref('int_contacts_marked') }} as marked
    cross join {{ ref('int_run_clock') }} as clock
    left join {{ ref('int_customer_spells') }} as spells
        on
            marked.customer_id = spells.customer_id
            and marked.opened_on >= spells.started_on
            and marked.opened_on < {{ open_ended('spells.churned_on') }}
    where marked.opened_on <= clock.as_of

),

rolled_up as (

    {% for rollup in contact_rollups() %}
    {% set before_it %}(
        partition by {{ (['customer_id'] + rollup.by) | join(', ') }}
        order by opened_at, interaction_id
        rows between unbounded preceding and 1 preceding
    ){% endset %}
    select
        {{ rollup.stage }} as stage,
        {{ rollup.channel }} as contact_channel,
        {{ rollup.too_many }} as is_one_too_many,
        max(opened_on) over {{ before_it }} as last_on,
        max(case when is_of_active then opened_on end) over {{ before_it }} as last_of_active_on,
        max(case when is_of_active and {{ rollup.too_many }} then opened_on end)
            over {{ before_it }} as last_too_many_on,
        contacts.*
    from contacts
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    opened_month,
    customer_cell,
    stage as journey_stage,
    contact_channel as channel,
    {% for grain in period_grains('opened_on') %}
    {% for who, last, condition in [
        ('customers', 'last_on', 'true'),
        ('active_customers', 'last_of_active_on', 'is_of_active'),
        ('overloaded_customers', 'last_too_many_on', 'is_of_active and is_one_too_many'),
    ] %}
    cast(
        sum(
            case
                when {{ condition }} and coalesce({{ last }} < {{ grain.start }}, true) then 1
                else 0
            end
        ) as bigint
    ) as {{ who }}_of_{{ grain.name }},
    {% endfor %}
    {% endfor %}
    count(*) as contacts,
    cast(sum(case when is_of_active then 1 else 0 end) as bigint) as contacts_of_active,
    cast(sum(case when is_repeat then 1 else 0 end) as bigint) as repeats,
    cast(sum(case when is_one_too_many then 1 else 0 end) as bigint) as too_many,
    cast(sum(case when is_complaint then 1 else 0 end) as bigint) as complaints,
    cast(sum(case when is_fault then 1 else 0 end) as bigint) as faults,
    cast(sum(case when is_unresolved then 1 else 0 end) as bigint) as unresolved,
    count(handling_cost) as costed_contacts,
    cast(sum(handling_cost) as decimal(18, 6)) as handling_cost
from rolled_up
group by opened_month, customer_cell, stage, contact_channel
