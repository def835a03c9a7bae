{# Contacts that are worth making: of whom, why, and what stands for their worth where nobody has
   measured what such a contact brings. A call or a survey is about what may be lost, an offer about
   what will stay. #}
{% set most = 10000 %}
{% set long_ago = 365 %}
{% set never = "cast('1900-01-01' as date)" %}
{% set contacts = {
    'call_back': {
        'action': 'caring_contact',
        'when': 'assigned_lately = 0 and (is_new_detractor or is_large_and_silent)',
        'reason': "case when is_new_detractor and promised_by < until then 'new detractor, later than promised' "
            ~ "when is_new_detractor then 'new detractor' else 'large, and silent for a year' end",
        'stake': 'revenue_at_risk',
    },
    'referral_request': {
        'action': 'referral_request',
        'when': "category = 'promoter' and asked_to_refer = 0 and not has_complained",
        'reason': "'promoter never asked for a referral'",
        'stake': 'revenue_staying',
    },
    'upsell_offer': {
        'action': 'upsell_offer',
        'when': "category in ('promoter', 'passive') and offered_lately = 0 and not has_complained",
        'reason': "category || ' without an offer for a year'",
        'stake': 'revenue_staying',
    },
    'ask': {
        'action': 'survey_invitation',
        'when': 'assigned_lately = 0 and coalesce(last_asked_on, ' ~ never ~ ') <= '
            ~ add_days('as_of', -long_ago),
        'reason': "case when last_asked_on is null then 'never asked' else 'not asked for a year' end",
        'stake': 'revenue_at_risk',
    },
} %}
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
        scores.probability,
        cast(scores.revenue_at_risk as double) as revenue_at_risk,
        cast(scores.revenue_at_risk_lower as double) as revenue_at_risk_lower,
        cast(scores.revenue_at_risk_upper as double) as revenue_at_risk_upper
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

treated_kinds as (

    select distinct
        campaign_id,
        action_kind
    from {{ ref('stg_campaigns__assignments') }}
    where arm = 'treated' and action_kind is not null

),

{# A control of no kind in particular is one of every kind of its campaign. #}
assignments as (

    select
        assignments.customer_id,
        coalesce(assignments.action_kind, treated_kinds.action_kind) as action_kind,
        assignments.arm,
        assignments.assigned_on,
        clock.as_of
    from {{ ref('stg_campaigns__assignments') }} as assignments
    inner join clock
        on assignments.assigned_on <= clock.as_of
    left join treated_kinds
        on
            assignments.campaign_id = treated_kinds.campaign_id
            and assignments.action_kind is null
            and assignments.arm = 'control'

),

assigned as (

    select
        customer_id,
        max(case when action_kind = 'referral_request' and arm = 'treated' then 1 else 0 end)
            as asked_to_refer,
        max(
            case
                when
                    action_kind = 'upsell_offer'
                    and arm = 'treated'
                    and assigned_on > {{ add_days('as_of', -long_ago) }}
                    then 1
                else 0
            end
        ) as offered_lately,
        max(case when assigned_on > {{ add_days('as_of', -30) }} then 1 else 0 end)
            as assigned_lately
    from assignments
    group by customer_id

),

{# Who was left alone by lot stays so until it is measured what the others gained. #}
held_out as (

    select distinct
        customer_id,
        action_kind
    from assignments
    where
        arm = 'control'
        and assigned_on > {{ add_days('as_of', '-' ~ var('churn_window_days')) }}

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
        answers.promised_by,
        asked.last_asked_on,
        coalesce(assigned.asked_to_refer, 0) as asked_to_refer,
        coalesce(assigned.offered_lately, 0) as offered_lately,
        coalesce(assigned.assigned_lately, 0) as assigned_lately,
        complaints.customer_id is not null as has_complained,
        coalesce(
            answers.category = 'detractor'
            and called_back.response_id is null
            and answers.responded_on > {{ add_days('clock.as_of', -30) }},
            false
        ) as is_new_detractor,
        customers.revenue_band = 'high'
        and asked.last_asked_on is not null
        and coalesce(answers.responded_on, {{ never }}) <= {{ add_days('clock.as_of', -long_ago) }}
            as is_large_and_silent
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

contacts as (

    {% for kind, of in contacts.items() -%}
    select
        '{{ kind }}' as work_kind,
        '{{ of.action }}' as action_kind,
        customer_id,
        client_id,
        coalesce(category, 'unknown') as target_category,
        {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if kind == 'ask' else 'response_id' }}
            as trigger_response_id,
        {{ 'case when is_new_detractor then promised_by end' if kind == 'call_back'
            else 'cast(null as timestamp)' }} as due_by,
        {{ of.reason }} as reason,
        {{ 'is_new_detractor' if kind == 'call_back' else 'false' }} as is_promised,
        annual_revenue,
        probability,
        case when revenue_at_risk is null then 'annual_revenue' else '{{ of.stake }}' end
            as stake_kind,
        {% for bound, of_risk in (
            ('', ''),
            ('_lower', '_upper' if of.stake == 'revenue_staying' else '_lower'),
            ('_upper', '_lower' if of.stake == 'revenue_staying' else '_upper'),
        ) -%}
        {% if of.stake == 'revenue_staying' -%}
        annual_revenue - revenue_at_risk{{ of_risk }}
        {%- else -%}
        revenue_at_risk{{ of_risk }}
        {%- endif %} as stake{{ bound }}{{ ',' if not loop.last }}
        {% endfor -%}
    from known
    where {{ of.when }}
    {{ 'union all
' if not loop.last }}
    {% endfor %}

),

{{ action_evidence() }},

{# Campaigns, and of calls also how detractors called back fared against those who were not. #}
evidence as (

    select
        client_id,
        target_category,
        action_kind,
        campaign_id,
        measure,
        effect,
        effect_lower,
        effect_upper,
        cost_of_one,
        evidence,
        is_helpful,
        is_harmful
    from action_evidence

    union all

    select
        segment_value as client_id,
        category as target_category,
        'caring_contact' as action_kind,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        'leaving' as measure,
        {{ safe_ratio('-churn_difference', 'churn_not_contacted') }} as effect,
        {{ safe_ratio('-churn_difference_upper', 'churn_not_contacted') }} as effect_lower,
        {{ safe_ratio('-churn_difference_lower', 'churn_not_contacted') }} as effect_upper,
        0.0 as cost_of_one,
        evidence,
        coalesce(churn_difference_upper < 0, false) as is_helpful,
        coalesce(churn_difference_lower > 0, false) as is_harmful
    from {{ ref('caring_effects') }}
    where
        survey_kind = 'relational'
        and category = 'detractor'
        and segment_dimension = 'client_id'
        and contact_kind = 'all'
        and is_reportable
        and churn_not_contacted > 0

),

harmful as (

    select
        client_id,
        target_category,
        action_kind
    from evidence
    group by client_id, target_category, action_kind
    having
        max(case when is_harmful then 1 else 0 end) = 1
        and max(case when is_helpful then 1 else 0 end) = 0

),

offers as (

    select
        contacts.work_kind,
        contacts.customer_id,
        evidence.campaign_id,
        evidence.evidence,
        evidence.cost_of_one,
        {% for bound in ('', '_lower', '_upper') -%}
        contacts.annual_revenue
        * case evidence.measure when 'leaving' then contacts.probability else 1.0 end
        * evidence.effect{{ bound }} - evidence.cost_of_one as net_value{{ bound }}
        {{- ',' if not loop.last }}
        {% endfor -%}
    from contacts
    inner join evidence
        on
            contacts.client_id = evidence.client_id
            and contacts.target_category = evidence.target_category
            and contacts.action_kind = evidence.action_kind
            and evidence.is_helpful
    where evidence.measure <> 'leaving' or contacts.probability is not null

),

best_offers as (

    select
        *,
        {# Half a cent is nothing. #}
        net_value >= 0.005 as is_worth_it,
        row_number() over (
            partition by work_kind, customer_id
            order by net_value desc, campaign_id asc
        ) as choice
    from offers

),

{# Who was promised a call gets it. What harms, or costs more than it brings, is not
   listed otherwise. #}
valued as (

    select
        contacts.*,
        best_offers.campaign_id as like_campaign_id,
        case when best_offers.is_worth_it then 'expected_net_value' else contacts.stake_kind end
            as value_kind,
        {% for bound in ('', '_lower', '_upper') -%}
        case
            when best_offers.is_worth_it then best_offers.net_value{{ bound }}
            else {{ 'coalesce(contacts.stake, contacts.annual_revenue)' if not bound
                else 'contacts.stake' ~ bound }}
        end as value{{ bound }},
        {% endfor -%}
        coalesce(contacts.stake, contacts.annual_revenue) as revenue,
        coalesce(best_offers.cost_of_one, 0.0) as cost,
        case when best_offers.is_worth_it then best_offers.evidence else 'descriptive' end
            as evidence
    from contacts
    left join best_offers
        on
            contacts.work_kind = best_offers.work_kind
            and contacts.customer_id = best_offers.customer_id
            and best_offers.choice = 1
    left join harmful
        on
            contacts.client_id = harmful.client_id
            and contacts.target_category = harmful.target_category
            and contacts.action_kind = harmful.action_kind
    where
        contacts.is_promised
        or (harmful.client_id is null and coalesce(best_offers.is_worth_it, true))

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
        known.revenue_at_risk as revenue,
        cast(scores.expected_cost as double) as cost,
        scores.action_evidence as evidence
    from {{ ref('churn_risk_scores') }} as scores
    inner join known
        on scores.customer_id = known.customer_id
    where scores.suggested_action <> 'leave_alone' and known.assigned_lately = 0

    union all

    select
        work_kind,
        customer_id,
        client_id,
        action_kind,
        like_campaign_id,
        trigger_response_id,
        due_by,
        reason,
        value_kind,
        value,
        value_lower,
        value_upper,
        revenue,
        cost,
        evidence
    from valued

),

{# What is measured comes before what is not: an effect is smaller than the revenue it
   is a part of. #}
ordered as (

    select
        work.*,
        row_number() over (
            partition by work.client_id, work.work_kind
            order by
                case work.value_kind when 'expected_net_value' then 0 else 1 end asc,
                work.value desc,
                work.customer_id asc
        ) as place,
        count(*) over (partition by work.client_id, work.work_kind) as customers_due,
        sum(work.value) over (partition by work.client_id, work.work_kind) as value_due,
        sum(work.revenue) over (partition by work.client_id, work.work_kind) as revenue_due
    from work
    left join held_out
        on
            work.customer_id = held_out.customer_id
            and work.action_kind = held_out.action_kind
    where held_out.customer_id is null

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
    {{ money('ordered.revenue_due') }} as revenue_due,
    ordered.evidence,
    {{ reporting_currency() }} as currency
from ordered
cross join clock
where ordered.place <= {{ most }}
