{% set bounds = [('lower', '-'), ('upper', '+')] %}
with

campaigns as (

    select
        case segment_dimension when 'all' then 'all' else segment_value end as client_id,
        case
            when action_kind in ('upsell_offer', 'referral_request') then 'upselling'
            when action_kind = 'survey_invitation' then 'knowledge'
            else 'churn_rate'
        end as area,
        campaign_id,
        treated,
        risk_difference,
        risk_difference_standard_error,
        cast(revenue_kept as double) as revenue_kept,
        cast(revenue_kept_standard_error as double) as revenue_kept_standard_error,
        cost,
        evidence
    from {{ ref('retention_action_effects') }}
    where
        segment_dimension in ('all', 'client_id')
        and target_category = 'all'
        and action_kind <> 'caring_contact'

),

{# Campaigns together, as their customers weigh; those without an effect are done all the same. #}
by_campaigns as (

    select
        client_id,
        area,
        count(distinct campaign_id) as campaigns,
        sum(treated) as customers,
        {{ safe_ratio(
            'sum(treated * risk_difference)',
            'sum(case when risk_difference is not null then treated end)'
        ) }} as churn_difference,
        sqrt({{ safe_ratio(
            'sum(power(treated * risk_difference_standard_error, 2))',
            'power(sum(case when risk_difference is not null then treated end), 2)'
        ) }}) as churn_error,
        sum(revenue_kept) as revenue_effect,
        sqrt(sum(power(revenue_kept_standard_error, 2))) as revenue_error,
        sum(cost) as cost,
        sum(case when revenue_kept is not null then cost end) as cost_of_known,
        case
            when max(case when risk_difference is not null then 1 else 0 end) = 0 then 'descriptive'
            when
                min(case when risk_difference is null or evidence = 'randomised' then 1 else 0 end)
                = 1
                then 'randomised'
            else 'adjusted'
        end as evidence,
        max(case when risk_difference is not null then 1 else 0 end) = 1 as is_reportable
    from campaigns
    group by client_id, area

),

caring as (

    select
        case segment_dimension when 'all' then 'all' else segment_value end as client_id,
        contacted as customers,
        churn_difference,
        churn_difference_lower,
        churn_difference_upper,
        points_effect,
        lower as points_effect_lower,
        upper as points_effect_upper,
        revenue_effect,
        revenue_effect_lower,
        revenue_effect_upper,
        evidence,
        is_reportable
    from {{ ref('caring_effects') }}
    where
        segment_dimension in ('all', 'client_id')
        and survey_kind = 'relational'
        and category = 'detractor'
        and contact_kind = 'all'

),

clients as (

    select
        client_id,
        count(*) as customers
    from {{ ref('dim_customers') }}
    where is_active
    group by client_id

),

asked as (

    select
        customers.client_id,
        count(distinct customers.customer_id) as customers
    from {{ ref('dim_customers') }} as customers
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ ref('stg_survey__invitations') }} as invitations
        on
            customers.customer_id = invitations.customer_id
            and cast(invitations.sent_at as date) > {{ add_days('clock.as_of', -365) }}
    where customers.is_active
    group by customers.client_id

),

{# Who is at risk without an action, promoters never asked to refer, detractors never called,
   customers not asked. #}
untouched as (

    select distinct
        client_id,
        case work_kind
            when 'call_back' then 'caring'
            when 'referral_request' then 'upselling'
            when 'ask' then 'knowledge'
        end as area,
        customers_due as customers,
        revenue_due as revenue
    from {{ ref('actions_due') }}
    where work_kind in ('call_back', 'referral_request', 'ask')

    union all

    select
        client_id,
        'churn_rate' as area,
        count(*) as customers,
        sum(revenue_at_risk) as revenue
    from {{ ref('churn_risk_scores') }}
    where not is_in_action
    group by client_id

),

untouched_sums as (

    select
        coalesce(client_id, 'all') as client_id,
        area,
        sum(customers) as customers,
        sum(revenue) as revenue
    from untouched
    group by area, grouping sets ((client_id), ()) -- noqa: PRS

),

asked_sums as (

    select
        coalesce(client_id, 'all') as client_id,
        sum(customers) as customers
    from asked
    group by grouping sets ((client_id), ()) -- noqa: PRS

),

every_client as (

    select client_id
    from clients

    union all

    select distinct 'all' as client_id
    from clients

),

areas as (

    {% for area in ['churn_rate', 'caring', 'upselling', 'knowledge'] -%}
    select
        '{{ area }}' as area,
        {{ loop.index }} as area_order
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    areas.area,
    every_client.client_id,
    areas.area_order,
    case areas.area
        when 'churn_rate' then 'retention campaigns'
        when 'caring' then 'detractors called back'
        when 'upselling' then 'upsell and referral campaigns'
        else 'customers asked in a year'
    end as what_was_done,
    cast(by_campaigns.campaigns as bigint) as campaigns,
    cast(
        case areas.area
            when 'caring' then coalesce(caring.customers, 0)
            when 'knowledge' then coalesce(asked_sums.customers, 0)
            else coalesce(by_campaigns.customers, 0)
        end as bigint
    ) as customers,
    coalesce(by_campaigns.churn_difference, caring.churn_difference) as churn_difference,
    {% for bound, sign in bounds -%}
    coalesce(
        by_campaigns.churn_difference {{ sign }} {{ z95() }} * by_campaigns.churn_error,
        caring.churn_difference_{{ bound }}
    ) as churn_difference_{{ bound }},
    {% endfor -%}
    caring.points_effect,
    caring.points_effect_lower,
    caring.points_effect_upper,
    {{ money('coalesce(by_campaigns.revenue_effect, cast(caring.revenue_effect as double))') }}
        as revenue_effect,
    {% for bound, sign in bounds -%}
    {{ money(
        'coalesce(by_campaigns.revenue_effect ' ~ sign ~ ' ' ~ z95() ~ ' * by_campaigns.revenue_error, '
        ~ 'cast(caring.revenue_effect_' ~ bound ~ ' as double))'
    ) }} as revenue_effect_{{ bound }},
    {% endfor -%}
    {{ money('by_campaigns.cost') }} as cost,
    {{ money('by_campaigns.revenue_effect - cast(by_campaigns.cost_of_known as double)') }}
        as net_value,
    {% for bound, sign in bounds -%}
    {{ money(
        'by_campaigns.revenue_effect ' ~ sign ~ ' ' ~ z95() ~ ' * by_campaigns.revenue_error '
        ~ '- cast(by_campaigns.cost_of_known as double)'
    ) }} as net_value_{{ bound }},
    {% endfor -%}
    case areas.area
        when 'churn_rate' then 'at risk and in no action'
        when 'caring' then 'due for a call'
        when 'upselling' then 'promoters never asked to refer'
        else 'not asked for a year'
    end as what_is_untouched,
    cast(coalesce(untouched_sums.customers, 0) as bigint) as untouched_customers,
    {{ money('coalesce(untouched_sums.revenue, 0)') }} as untouched_revenue,
    coalesce(by_campaigns.evidence, caring.evidence, 'descriptive') as evidence,
    coalesce(by_campaigns.is_reportable, caring.is_reportable, false) as is_reportable,
    {{ reporting_currency() }} as currency
from every_client
cross join areas
left join by_campaigns
    on
        every_client.client_id = by_campaigns.client_id
        and areas.area = by_campaigns.area
left join caring
    on
        every_client.client_id = caring.client_id
        and areas.area = 'caring'
left join asked_sums
    on
        every_client.client_id = asked_sums.client_id
        and areas.area = 'knowledge'
left join untouched_sums
    on
        every_client.client_id = untouched_sums.client_id
        and areas.area = untouched_sums.area
