{# Invitations and how many were answered, by period and segment. #}
with

answered as (

    select distinct invitation_id
    from {{ ref('fct_survey_responses') }}
    where invitation_id is not null

),

invitations as (

    select
        invitations.survey_kind,
        cast(invitations.sent_at as date) as sent_on,
        standing.client_id,
        standing.customer_type,
        standing.region,
        standing.plan_tier,
        case
            when standing.customer_id is not null
                then {{ tenure_band(
                    'standing.customer_since', 'cast(invitations.sent_at as date)'
                ) }}
        end as tenure_band,
        standing.revenue_band,
        invitations.channel,
        case when answered.invitation_id is not null then 1 else 0 end as is_answered
    from {{ ref('stg_survey__invitations') }} as invitations
    left join {{ ref('int_customer_standing') }} as standing
        on
            invitations.customer_id = standing.customer_id
            and {{ month_of('invitations.sent_at') }} = standing.asked_month
    left join answered
        on invitations.invitation_id = answered.invitation_id

),

by_period as (

    {% for grain in period_grains('sent_on') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        cast(null as {{ dbt.type_string() }}) as service_line,
        cast(null as {{ dbt.type_string() }}) as journey_stage,
        invitations.*
    from invitations
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

by_segments as (

    {{ by_segment('by_period', ['period_grain', 'period_start', 'survey_kind', 'is_answered']) }}

)

select
    period_grain,
    period_start,
    survey_kind,
    segment_dimension,
    segment_value,
    count(*) as invitations,
    cast(sum(is_answered) as bigint) as answered_invitations
from by_segments
group by period_grain, period_start, survey_kind, segment_dimension, segment_value
