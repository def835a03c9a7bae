{# Every invitation as the cells know it: like the answer it asks for, of which only the channel is
   known before it is given. #}
with

invitations as (

    select
        *,
        cast(sent_at as date) as sent_on
    from {{ ref('stg_survey__invitations') }}

),

described as (

    select
        invitations.invitation_id,
        invitations.customer_id,
        invitations.survey_kind,
        invitations.sent_at,
        invitations.sent_on,
        coalesce(standing.customer_cell, 0) as customer_cell,
        standing.client_id,
        standing.customer_type,
        standing.region,
        standing.plan_tier,
        case
            when standing.customer_id is not null
                then {{ tenure_band('standing.customer_since', 'invitations.sent_on') }}
        end as tenure_band,
        standing.revenue_band,
        invitations.channel,
        standing.customer_since,
        standing.monthly_baseline_revenue
    from invitations
    left join {{ ref('int_customer_standing') }} as standing
        on
            invitations.customer_id = standing.customer_id
            and {{ month_of('invitations.sent_at') }} = standing.asked_month

)

select
    invitation_id,
    customer_id,
    survey_kind,
    sent_at,
    sent_on,
    customer_cell,
    {{ segment_attributes(['standing']) | join(',\n    ') }},
    channel,
    customer_since,
    monthly_baseline_revenue,
    {{ stratum('described') }} as stratum
from described
