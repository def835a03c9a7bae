{# Who was at risk of leaving from a landmark on: customers who answered, at their answer plus the
   gap, and customers whose first invitation stayed without an answer, once that was known. A
   customer counts once per gap and once as silent, at the first landmark at which it was active
   without notice. #}
with

gaps as (

    {% for gap in landmark_gaps() %}
    select {{ gap }} as gap_days{{ '\n    union all' if not loop.last }}
    {% endfor %}

),

answers as (

    select
        'answered' as landmark_kind,
        customer_id,
        responded_on as asked_on,
        response_id as asked_by,
        responded_on as known_on,
        category,
        score,
        {{ stratum('answers') }} as stratum
    from {{ ref('fct_survey_responses') }} as answers
    where customer_id is not null and is_nps

),

first_invitations as (

    select
        invitation_id,
        customer_id,
        cast(sent_at as date) as sent_on,
        {{ month_of('sent_at') }} as sent_month,
        row_number() over (partition by customer_id order by sent_at, invitation_id) as invitation
    from {{ ref('stg_survey__invitations') }}
    where customer_id is not null

),

answered_in_time as (

    select distinct first_invitations.invitation_id
    from first_invitations
    inner join {{ ref('fct_survey_responses') }} as responses
        on {{ is_answer_in_time('responses', 'first_invitations') }}
    where first_invitations.invitation = 1

),

silences as (

    select
        'silent' as landmark_kind,
        invitations.customer_id,
        invitations.sent_on as asked_on,
        invitations.invitation_id as asked_by,
        {{ add_days('invitations.sent_on', var('silent_after_days')) }} as known_on,
        cast(null as {{ dbt.type_string() }}) as category,
        cast(null as decimal(9, 4)) as score,
        standing.client_id,
        standing.customer_type,
        {{ tenure_band('standing.customer_since', 'invitations.sent_on') }} as tenure_band,
        standing.revenue_band,
        standing.region,
        standing.plan_tier
    from first_invitations as invitations
    left join answered_in_time
        on invitations.invitation_id = answered_in_time.invitation_id
    left join {{ ref('int_customer_standing') }} as standing
        on
            invitations.customer_id = standing.customer_id
            and invitations.sent_month = standing.asked_month
    where invitations.invitation = 1 and answered_in_time.invitation_id is null

),

asked as (

    select * from answers

    union all

    select
        landmark_kind,
        customer_id,
        asked_on,
        asked_by,
        known_on,
        category,
        score,
        {{ stratum('silences') }} as stratum
    from silences

),

landmarks as (

    select
        gaps.gap_days,
        asked.*,
        {{ add_days('asked.known_on', 'gaps.gap_days') }} as landmark_on
    from asked
    cross join gaps

),

at_risk as (

    select
        landmarks.*,
        coalesce(spells.churned_on, clock.as_of) as followed_until,
        spells.churned_on is not null as has_churned,
        row_number() over (
            partition by landmarks.gap_days, landmarks.landmark_kind, landmarks.customer_id
            order by landmarks.landmark_on, landmarks.asked_by
        ) as landmark
    from landmarks
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ ref('int_customer_spells') }} as spells
        on
            landmarks.customer_id = spells.customer_id
            and spells.started_on <= landmarks.landmark_on
            and {{ open_ended('spells.churned_on') }} > landmarks.landmark_on
    where landmarks.landmark_on <= clock.as_of

)

select
    gap_days,
    landmark_kind,
    customer_id,
    landmark_on,
    category,
    score,
    stratum,
    {{ days_between('landmark_on', 'followed_until') }} as days_followed,
    has_churned
from at_risk
where landmark = 1
