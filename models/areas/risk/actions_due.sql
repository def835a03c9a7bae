{% set most = 10000 %}
{% set long_ago = 365 %}
with

clock as (

    select
        as_of,
        cast({{ add_days('as_of', 1) }} as timestamp) as until
    from {{ ref('int_run_clock') }}

),

customers as (

    select
        customers.customer_id,
        customers.client_id,
        customers.revenue_band,
        12.0 * coalesce(customers.monthly_baseline_revenue, 0) as annual_revenue,
        scores.revenue_at_risk,
        scores.revenue_at_risk_lower,
        scores.revenue_at_risk_upper
    from {{ ref('dim_customers') }} as customers
    left join {{ ref('churn_risk_scores') }} as scores
        on customers.customer_id = scores.customer_id
    where customers.is_active

),

answers as (

    select
        answers.response_id,
        answers.customer_id,
        answers.category,
        answers.score,
        answers.responded_at,
        answers.responded_on,
        {{ add_hours('answers.responded_at', 'promises.hours_to_contact') }} as promised_by,
        row_number() over (
            partition by answers.customer_id
            order by answers.responded_at desc, answers.response_id desc
        ) as from_the_end
    from {{ ref('fct_survey_responses') }} as answers
    left join {{ ref('int_loop_promises') }} as promises
        on
            answers.client_id = promises.client_id
            and coalesce(answers.customer_type, '') = coalesce(promises.customer_type, '')
            and answers.survey_kind = promises.survey_kind
            and answers.category = promises.category
    where answers.customer_id is not null and answers.is_nps

),

called_back as (

    select distinct follow_ups.response_id
    from {{ ref('stg_support__follow_ups') }} as follow_ups
    cross join clock
    where follow_ups.contacted_at < clock.until

),

asked as (

    select
        customer_id,
        max(asked_on) as last_asked_on
    from (
        select
            customer_id,
            cast(sent_at as date) as asked_on
        from {{ ref('stg_survey__invitations') }}

        union all

        select
            customer_id,
            responded_on as asked_on
        from answers
    ) as occasions
    group by customer_id

),

assigned as (

    select
        customer_id,
        max(case when action_kind = 'referral_request' then 1 else 0 end) as asked_to_refer,
        max(
            case
                when
                    action_kind = 'upsell_offer'
                    and assigned_on > {{ add_days('clock.as_of', -long_ago) }}
                    then 1
                else 0
            end
        ) as offered_lately,
        max(case when assigned_on > {{ add_days('clock.as_of', -30) }} then 1 else 0 end)
            as assigned_lately
    from {{ ref('stg_campaigns__assignments') }}
    cross join clock
    group by customer_id

),

complaints as (

    select distinct interactions.customer_id
    from {{ ref('fct_interactions') }} as interactions
    cross join clock
    where
        interactions.is_complaint
        and cast(interactions.opened_at as date)
        > {{ add_days('clock.as_of', '-' ~ var('exposure_days')) }}

),

known as (

    select
        customers.*,
        clock.as_of,
        clock.until,
        answers.response_id,
        answers.category,
        answers.score,
        answers.responded_on,
        answers.promised_by,
        called_back.response_id is not null as is_called_back,
        asked.last_asked_on,
        coalesce(assigned.asked_to_refer, 0) as asked_to_refer,
        coalesce(assigned.offered_lately, 0) as offered_lately,
        coalesce(assigned.assigned_lately, 0) as assigned_lately,
        complaints.customer_id is not null as has_complained
    from customers
    cross join clock
    left join answers
        on
            customers.customer_id = answers.customer_id
            and answers.from_the_end = 1
    left join called_back
        on answers.response_id = called_back.response_id
    left join asked
        on customers.customer_id = asked.customer_id
    left join assigned
        on customers.customer_id = assigned.customer_id
    left join complaints
        on customers.customer_id = complaints.customer_id

),

work as (

    select
        'retention' as work_kind,
        scores.customer_id,
        scores.client_id,
        scores.suggested_action as action_kind,
        scores.suggested_campaign_id as like_campaign_id,
        known.response_id as trigger_response_id,
        cast(null as timestamp) as due_by,
        scores.first_reason as reason,
        'expected_net_value' as value_kind,
        cast(scores.expected_net_value as double) as value,
        cast(scores.expected_net_value_lower as double) as value_lower,
        cast(scores.expected_net_value_upper as double) as value_upper,
        cast(scores.expected_cost as double) as cost,
        scores.action_evidence as evidence
    from {{ ref('churn_risk_scores') }} as scores
    inner join known
        on scores.customer_id = known.customer_id
    where scores.suggested_action <> 'leave_alone' and known.assigned_lately = 0

    union all

    select
        'call_back' as work_kind,
        customer_id,
        client_id,
        'caring_contact' as action_kind,
        cast(null as {{ dbt.type_string() }}) as like_campaign_id,
        response_id as trigger_response_id,
        case when is_new_detractor then promised_by end as due_by,
        case
            when is_new_detractor and promised_by < until then 'new detractor, later than promised'
            when is_new_detractor then 'new detractor'
            else 'large, and silent for a year'
        end as reason,
        case when revenue_at_risk is null then 'annual_revenue' else 'revenue_at_risk' end
            as value_kind,
        coalesce(cast(revenue_at_risk as double), annual_revenue) as value,
        cast(revenue_at_risk_lower as double) as value_lower,
        cast(revenue_at_risk_upper as double) as value_upper,
        0.0 as cost,
        'descriptive' as evidence
    from (
        select
            *,
            coalesce(
                category = 'detractor'
                and not is_called_back
                and responded_on > {{ add_days('as_of', -30) }},
                false
            ) as is_new_detractor
        from known
    ) as judged
    where
        assigned_lately = 0
        and (
            is_new_detractor
            or (
                revenue_band = 'high'
                and last_asked_on is not null
                and coalesce(responded_on, cast('1900-01-01' as date))
                <= {{ add_days('as_of', -long_ago) }}
            )
        )

    union all

    select
        'referral_request' as work_kind,
        customer_id,
        client_id,
        'referral_request' as action_kind,
        cast(null as {{ dbt.type_string() }}) as like_campaign_id,
        response_id as trigger_response_id,
        cast(null as timestamp) as due_by,
        'promoter never asked for a referral' as reason,
        'annual_revenue' as value_kind,
        annual_revenue as value,
        cast(null as double) as value_lower,
        cast(null as double) as value_upper,
        0.0 as cost,
        'descriptive' as evidence
    from known
    where category = 'promoter' and asked_to_refer = 0 and not has_complained

    union all

    select
        'upsell_offer' as work_kind,
        customer_id,
        client_id,
        'upsell_offer' as action_kind,
        cast(null as {{ dbt.type_string() }}) as like_campaign_id,
        response_id as trigger_response_id,
        cast(null as timestamp) as due_by,
        category || ' without an offer for a year' as reason,
        'annual_revenue' as value_kind,
        annual_revenue as value,
        cast(null as double) as value_lower,
        cast(null as double) as value_upper,
        0.0 as cost,
        'descriptive' as evidence
    from known
    where category in ('promoter', 'passive') and offered_lately = 0 and not has_complained

    union all

    select
        'ask' as work_kind,
        customer_id,
        client_id,
        'survey_invitation' as action_kind,
        cast(null as {{ dbt.type_string() }}) as like_campaign_id,
        cast(null as {{ dbt.type_string() }}) as trigger_response_id,
        cast(null as timestamp) as due_by,
        case when last_asked_on is null then 'never asked' else 'not asked for a year' end as reason,
        'annual_revenue' as value_kind,
        annual_revenue as value,
        cast(null as double) as value_lower,
        cast(null as double) as value_upper,
        0.0 as cost,
        'descriptive' as evidence
    from known
    where
        coalesce(last_asked_on, cast('1900-01-01' as date)) <= {{ add_days('as_of', -long_ago) }}

),

ordered as (

    select
        *,
        row_number() over (
            partition by client_id, work_kind
            order by value desc, customer_id
        ) as place,
        count(*) over (partition by client_id, work_kind) as customers_due,
        sum(value) over (partition by client_id, work_kind) as value_due
    from work

)

select
    ordered.work_kind,
    ordered.customer_id,
    {{ customer_number('ordered.customer_id', 'ordered.client_id') }} as customer_number,
    ordered.client_id,
    cast(ordered.place as int) as place,
    clock.as_of as listed_on,
    ordered.action_kind,
    ordered.like_campaign_id,
    ordered.trigger_response_id,
    ordered.due_by,
    ordered.reason,
    ordered.value_kind,
    {{ money('ordered.value') }} as value,
    {{ money('ordered.value_lower') }} as value_lower,
    {{ money('ordered.value_upper') }} as value_upper,
    {{ money('ordered.cost') }} as cost,
    cast(ordered.customers_due as bigint) as customers_due,
    {{ money('ordered.value_due') }} as value_due,
    ordered.evidence,
    {{ reporting_currency() }} as currency
from ordered
cross join clock
where ordered.place <= {{ most }}
