{# Closed-loop cases with the answer that opened them, as they stand at the end of the clock's day.
   What is promised is counted from the answer, because that is when the customer begins to wait;
   the hours are half-open, so a contact on the stroke of the promise is late. A contact dated
   before the answer is none. A promise that has not run out yet is neither kept nor broken. #}
with

clock as (

    select cast({{ add_days('as_of', 1) }} as timestamp) as until
    from {{ ref('int_run_clock') }}

),

cases as (

    select
        follow_ups.follow_up_id,
        follow_ups.response_id,
        answers.customer_id,
        case_cells.case_cell,
        answers.survey_kind,
        answers.category,
        answers.responded_at,
        answers.responded_on,
        follow_ups.owner_team,
        follow_ups.root_cause,
        follow_ups.corrective_action,
        follow_ups.outcome,
        follow_ups.opened_at,
        case
            when
                follow_ups.contacted_at >= answers.responded_at
                and follow_ups.contacted_at < clock.until
                then follow_ups.contacted_at
        end as contacted_at,
        case when follow_ups.closed_at < clock.until then follow_ups.closed_at end as closed_at,
        promises.hours_to_contact as promised_hours,
        clock.until
    from {{ ref('stg_support__follow_ups') }} as follow_ups
    cross join clock
    inner join {{ ref('fct_survey_responses') }} as answers
        on follow_ups.response_id = answers.response_id
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on follow_ups.response_id = in_cells.response_id
    inner join {{ ref('int_case_cells') }} as case_cells
        on
            in_cells.cell = case_cells.cell
            {%- for attribute in segment_attributes(['case']) %}
            and follow_ups.{{ attribute }} is not distinct from case_cells.{{ attribute }}
            {%- endfor %}
    left join {{ ref('int_loop_promises') }} as promises
        on
            answers.client_id = promises.client_id
            and coalesce(answers.customer_type, '') = coalesce(promises.customer_type, '')
            and answers.survey_kind = promises.survey_kind
            and answers.category = promises.category
    where follow_ups.opened_at < clock.until

),

timed as (

    select
        *,
        {{ hours_between('responded_at', 'contacted_at') }} as hours_to_contact,
        {{ hours_between('responded_at', 'until') }} as hours_since
    from cases

)

select
    follow_up_id,
    response_id,
    customer_id,
    case_cell,
    survey_kind,
    category,
    responded_at,
    responded_on,
    owner_team,
    root_cause,
    corrective_action,
    outcome,
    contacted_at,
    hours_to_contact,
    coalesce(hours_since >= promised_hours, false) as is_due,
    coalesce(hours_since >= promised_hours and hours_to_contact < promised_hours, false)
        as is_in_time,
    closed_at is not null as is_closed,
    case
        when closed_at is null
            then {{ days_between(
                'cast(opened_at as date)', add_days('cast(until as date)', -1)
            ) }}
    end as open_days
from timed
