{# Two relational NPS answers of a person, one after the other, and what happened to its
   customer in between: from the first answer on and before the second. #}
with

answers as (

    select
        responses.response_id,
        responses.customer_id,
        responses.responded_at,
        responses.responded_on,
        responses.responded_month,
        responses.category,
        in_cells.standing_cell,
        lead(responses.response_id) over (
            partition by responses.voice order by responses.responded_at, responses.response_id
        ) as next_response_id
    from {{ ref('fct_survey_responses') }} as responses
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on responses.response_id = in_cells.response_id
    where
        responses.survey_kind = 'relational'
        and responses.is_nps
        and responses.customer_id is not null
        and not responses.is_repeated

),

moves as (

    select
        answers.*,
        next_answers.category as to_category,
        next_answers.responded_at as next_responded_at,
        next_answers.responded_on as next_responded_on,
        next_answers.responded_month as next_responded_month,
        {{ days_between('answers.responded_on', 'next_answers.responded_on') }} as days_between
    from answers
    inner join answers as next_answers
        on answers.next_response_id = next_answers.response_id

),

contacts as (

    select
        moves.response_id,
        max(case when interactions.is_complaint then 1 else 0 end) as complaint,
        max(
            case
                when
                    interactions.is_complaint
                    and interactions.resolved_at < moves.next_responded_at
                    then 1
                else 0
            end
        ) as resolved_complaint,
        max(
            case
                when
                    interactions.is_complaint
                    and not coalesce(interactions.resolved_at < moves.next_responded_at, false)
                    then 1
                else 0
            end
        ) as unresolved_complaint,
        max(case when interactions.is_fault then 1 else 0 end) as fault
    from moves
    inner join {{ ref('fct_interactions') }} as interactions
        on
            moves.customer_id = interactions.customer_id
            and moves.responded_at <= interactions.opened_at
            and moves.next_responded_at > interactions.opened_at
    group by moves.response_id

),

closed_loop_contacts as (

    select distinct moves.response_id
    from moves
    inner join {{ ref('stg_support__follow_ups') }} as follow_ups
        on
            moves.response_id = follow_ups.response_id
            and moves.responded_at <= follow_ups.contacted_at
            and moves.next_responded_at > follow_ups.contacted_at

),

retention_actions as (

    select distinct moves.response_id
    from moves
    inner join {{ ref('stg_campaigns__assignments') }} as assignments
        on
            moves.customer_id = assignments.customer_id
            and assignments.arm = 'treated'
            and moves.responded_on <= assignments.contacted_on
            and moves.next_responded_on > assignments.contacted_on

),

{# What recurs on the bill, over the months before each answer. Unknown where there was no bill.
   #}
bills as (

    select
        moves.response_id,
        {{ safe_ratio('next_bills.monthly_recurring_revenue', 'bills.monthly_recurring_revenue') }}
        - 1 as bill_change
    from moves
    inner join {{ ref('int_revenue_before_asking') }} as bills
        on
            moves.customer_id = bills.customer_id
            and moves.responded_month = bills.asked_month
            and bills.monthly_recurring_revenue > 0
    inner join {{ ref('int_revenue_before_asking') }} as next_bills
        on
            moves.customer_id = next_bills.customer_id
            and moves.next_responded_month = next_bills.asked_month

)

select
    moves.response_id,
    moves.customer_id,
    moves.category as from_category,
    moves.to_category,
    moves.days_between,
    {{ wait_band('moves.days_between') }} as wait_band,
    moves.standing_cell,
    case when contacts.response_id is not null then 1 else 0 end as contact,
    coalesce(contacts.complaint, 0) as complaint,
    coalesce(contacts.resolved_complaint, 0) as resolved_complaint,
    coalesce(contacts.unresolved_complaint, 0) as unresolved_complaint,
    coalesce(contacts.fault, 0) as fault,
    case when closed_loop_contacts.response_id is not null then 1 else 0 end
        as closed_loop_contact,
    case
        when bills.bill_change > {{ var('bill_change_share') }} then 1
        when bills.bill_change is not null then 0
    end as bill_increase,
    case
        when bills.bill_change < -{{ var('bill_change_share') }} then 1
        when bills.bill_change is not null then 0
    end as bill_decrease,
    case when retention_actions.response_id is not null then 1 else 0 end as retention_action
from moves
left join contacts
    on moves.response_id = contacts.response_id
left join closed_loop_contacts
    on moves.response_id = closed_loop_contacts.response_id
left join retention_actions
    on moves.response_id = retention_actions.response_id
left join bills
    on moves.response_id = bills.response_id
