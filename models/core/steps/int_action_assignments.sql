{# The assignment by which a customer counts in a campaign: its first. What came later is what the
   first led to; its cost counts all the same, at the rate of its day. A customer assigned to both arms
   of a campaign, in whatever order, belongs to neither: it shows what neither would have done alone.
   Of several assignments of one day nothing depends on their keys. Designs are known by campaign:
   drawn by lot only if every assignment says so. #}
with

assignments as (

    select
        assignments.assignment_id,
        assignments.campaign_id,
        assignments.action_kind,
        assignments.customer_id,
        assignments.arm,
        assignments.assigned_on,
        assignments.trigger_response_id,
        cast(assignments.treated_share as double) as treated_share,
        coalesce(assignments.accepted, false)
        and not coalesce(assignments.contacted_on > clock.as_of, false) as has_accepted,
        case when coalesce(assignments.is_randomised, false) then 1 else 0 end as is_randomised,
        {{ converted(
            'cast(coalesce(assignments.discount_amount, 0) as decimal(19, 6))'
            ~ ' + cast(coalesce(assignments.contact_cost, 0) as decimal(18, 6))',
            'rates.rate_to_reporting'
        ) }} as cost
    from {{ ref('stg_campaigns__assignments') }} as assignments
    inner join {{ ref('int_run_clock') }} as clock
        on assignments.assigned_on <= clock.as_of
    left join {{ ref('int_exchange_rates_ranged') }} as rates
        on
            assignments.currency = rates.currency
            and assignments.assigned_on >= rates.valid_from
            and assignments.assigned_on < {{ open_ended('rates.valid_to') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by campaign_id, customer_id
            order by
                assigned_on,
                action_kind nulls last,
                trigger_response_id nulls last,
                assignment_id
        ) as assignment,
        min(assigned_on) over (partition by campaign_id, customer_id) as first_assigned_on,
        sum(cost) over (partition by campaign_id, customer_id) as total_cost,
        min(arm) over (partition by campaign_id, customer_id)
        <> max(arm) over (partition by campaign_id, customer_id) as is_in_both_arms,
        min(is_randomised) over (partition by campaign_id) = 1 as is_drawn_by_lot,
        max(treated_share) over (partition by campaign_id) as share_drawn
    from assignments

),

customers as (

    select
        campaign_id,
        customer_id,
        max(
            case when assigned_on = first_assigned_on and has_accepted then 1 else 0 end
        ) = 1 as has_accepted,
        {# Of customers in both arms, the action that the treatment was. #}
        min(case when arm = 'treated' then action_kind end) as treated_action_kind
    from ranked
    group by campaign_id, customer_id

)

select
    ranked.campaign_id,
    ranked.customer_id,
    ranked.assignment_id,
    case
        when ranked.is_in_both_arms then customers.treated_action_kind
        else ranked.action_kind
    end as action_kind,
    case when ranked.is_in_both_arms then 'both' else ranked.arm end as arm,
    ranked.assigned_on,
    ranked.trigger_response_id,
    customers.has_accepted,
    coalesce(ranked.total_cost, 0) as cost,
    ranked.is_in_both_arms,
    ranked.is_drawn_by_lot,
    ranked.share_drawn
from ranked
inner join customers
    on
        ranked.campaign_id = customers.campaign_id
        and ranked.customer_id = customers.customer_id
where ranked.assignment = 1
