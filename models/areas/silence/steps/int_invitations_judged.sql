{# What became of each invitation: whether an answer names it, and which; whether its customer
   kept silent, once that is known; and whether a customer still active then had left a churn
   window later, once that is known, too. Answering customers are followed from the same day as
   silent ones. #}
with

answers as (

    select
        invitation_id,
        is_nps,
        contribution,
        row_number() over (
            partition by invitation_id
            order by case when is_nps then 0 else 1 end, responded_at desc, response_id desc
        ) as from_the_end
    from {{ ref('int_answers_voiced') }}
    where invitation_id is not null

),

invitations as (

    select
        *,
        {{ add_days('sent_on', var('silent_after_days')) }} as silent_on
    from {{ ref('int_invitations_described') }}

),

answered_in_time as (

    select distinct invitations.invitation_id
    from invitations
    inner join {{ ref('int_answers_voiced') }} as responses
        on {{ is_answer_in_time('responses', 'invitations') }}

),

{# Active on the day on which silence is known. #}
spells as (

    select
        invitations.invitation_id,
        max(
            case
                when
                    {{ days_between('invitations.silent_on', open_ended('spells.churned_on')) }}
                    <= {{ var('churn_window_days') }}
                    then 1
                else 0
            end
        ) as has_left
    from invitations
    inner join {{ ref('int_customer_spells') }} as spells
        on
            invitations.customer_id = spells.customer_id
            and invitations.silent_on >= spells.started_on
            and invitations.silent_on < {{ open_ended('spells.churned_on') }}
    group by invitations.invitation_id

)

select
    invitations.invitation_id,
    invitations.customer_id,
    invitations.survey_kind,
    invitations.sent_at,
    invitations.sent_on,
    cells.cell,
    invitations.stratum,
    invitations.monthly_baseline_revenue,
    cast({{ days_between('invitations.customer_since', 'invitations.sent_on') }} as double)
    / 365.25 as tenure_years,
    case when answers.invitation_id is not null then 1 else 0 end as is_answered,
    case when answers.is_nps then answers.contribution end as contribution,
    case
        when invitations.customer_id is null or invitations.silent_on > clock.as_of then null
        when answered_in_time.invitation_id is null then 1
        else 0
    end as is_silent,
    case
        when {{ add_days('invitations.silent_on', var('churn_window_days')) }} <= clock.as_of
            then spells.has_left
    end as has_left
from invitations
cross join {{ ref('int_run_clock') }} as clock
inner join {{ ref('int_answer_cells') }} as cells
    on {{ is_in_cell('invitations', 'cells', segment_attributes(['standing']) + ['channel']) }}
left join answers
    on
        invitations.invitation_id = answers.invitation_id
        and answers.from_the_end = 1
left join answered_in_time
    on invitations.invitation_id = answered_in_time.invitation_id
left join spells
    on invitations.invitation_id = spells.invitation_id
