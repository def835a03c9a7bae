{# The assignment by which a customer counts in a campaign: its first. What came later, perhaps in
   the other arm, is what the first led to; its cost counts all the same, at the rate of its day.
   Designs are known by campaign: drawn by lot only if every assignment says so. #}
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
        coalesce(assignments.accepted, false)
        and not coalesce(assignments.contacted_on > clock.as_of, false) as has_accepted,
        case when coalesce(assignments.is_randomised, false) then 1 else 0 end as is_randomised,
        cast(
            round(
                (coalesce(assignments.discount_amount, 0) + coalesce(assignments.contact_cost, 0))
                * rates.rate_to_reporting,
                2
            ) as decimal(18, 2)
        ) as cost
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
            partition by campaign_id, customer_id order by assigned_on, assignment_id
        ) as assignment,
        sum(cost) over (partition by campaign_id, customer_id) as total_cost,
        min(arm) over (partition by campaign_id, customer_id)
        <> max(arm) over (partition by campaign_id, customer_id) as is_in_both_arms,
        min(is_randomised) over (partition by campaign_id) = 1 as is_drawn_by_lot
    from assignments

)

select
    campaign_id,
    customer_id,
    assignment_id,
    action_kind,
    arm,
    assigned_on,
    trigger_response_id,
    has_accepted,
    cast(coalesce(total_cost, 0) as decimal(18, 2)) as cost,
    is_in_both_arms,
    is_drawn_by_lot
from ranked
where assignment = 1
