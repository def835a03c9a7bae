{% set reasons = risk_reasons().keys() | list %}
with

{# A client’s own judgement where it has one, else that of all. #}
judgements as (

    select
        client_id,
        max(case when method = 'model' and is_reportable then 1 else 0 end) = 1 as is_reportable,
        max(case when method = 'model' and is_useful then 1 else 0 end) = 1 as is_useful
    from {{ ref('churn_risk_backtest') }}
    where fold = 'all'
    group by client_id

),

scored as (

    select
        probabilities.customer_id,
        probabilities.client_id,
        probabilities.model_key,
        probabilities.is_shared,
        probabilities.scoring_day,
        probabilities.probability,
        case when coalesce(own.is_reportable, false) then probabilities.client_id else 'all' end
            as judged_client_id,
        row_number() over (
            partition by probabilities.client_id
            order by probabilities.probability desc, probabilities.customer_id
        ) as place,
        count(*) over (partition by probabilities.client_id) as customers
    from {{ ref('int_risk_probabilities') }} as probabilities
    left join judgements as own
        on probabilities.client_id = own.client_id
    cross join judgements as shared
    where
        probabilities.windows_before = 0
        and shared.client_id = 'all'
        and case when coalesce(own.is_reportable, false) then own.is_useful else shared.is_useful end

),

{# How much each reason moves a customer’s log odds away from the mean. #}
weighed as (

    select
        days.*,
        scored.is_shared,
        scored.probability,
        scored.judged_client_id,
        {{ decile_of('scored.place', 'scored.customers') }} as decile
        {%- for reason in reasons %},
        case
            when {{ risk_reasons_hold_when().get(reason, 'true') }}
                then {{ 1e-12 * loop.index }}
                    {%- for feature, of in risk_features().items() if of == reason %}
                    {%- set i = risk_feature_names().index(feature) + 1 %}
                    + models.slope_{{ i }}
                    * coalesce((days.{{ feature }} - models.mean_{{ i }}) / models.scale_{{ i }}, 0.0)
                    {%- endfor %}
            else {{ -1 - loop.index }}
        end as push_{{ reason }}
        {%- endfor %}
    from scored
    inner join {{ ref('int_risk_customer_days') }} as days
        on
            scored.customer_id = days.customer_id
            and days.windows_before = 0
    inner join {{ ref('int_risk_models') }} as models
        on scored.model_key = models.group_key

),

first_reasons as (

    select
        *,
        greatest({% for reason in reasons %}push_{{ reason }}{{ ', ' if not loop.last }}{% endfor %})
            as first_push
    from weighed

),

second_reasons as (

    select
        *,
        greatest(
            {%- for reason in reasons %}
            case when push_{{ reason }} < first_push then push_{{ reason }} else -1e9 end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as second_push
    from first_reasons

),

third_reasons as (

    select
        *,
        greatest(
            {%- for reason in reasons %}
            case when push_{{ reason }} < second_push then push_{{ reason }} else -1e9 end
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) as third_push
    from second_reasons

),

{# What moves the odds by less than a twentieth is no reason. #}
explained as (

    select
        customers.customer_id,
        customers.client_id,
        profiles.customer_type,
        customers.scoring_day,
        customers.is_shared,
        customers.probability,
        customers.judged_client_id,
        customers.decile,
        customers.latest_category,
        coalesce(customers.latest_category, 'unknown') as target_category,
        cast(customers.days_of_silence as double) / 30.4375 as months_of_silence,
        customers.is_treated_lately,
        12.0 * coalesce(profiles.monthly_baseline_revenue, 0) as annual_revenue
        {%- for number in ('first', 'second', 'third') %},
        case
            when {{ number }}_push < 0.05 then null
            {%- for reason, words in risk_reasons().items() %}
            when push_{{ reason }} = {{ number }}_push then {{ words }}
            {%- endfor %}
        end as {{ number }}_reason
        {%- endfor %}
    from third_reasons as customers
    inner join {{ ref('dim_customers') }} as profiles
        on customers.customer_id = profiles.customer_id

),

actions as (

    select
        campaign_id,
        action_kind,
        target_category,
        relative_reduction,
        relative_reduction_lower,
        relative_reduction_upper,
        {{ safe_ratio('cost', 'assigned_treated') }} as cost_of_one,
        evidence,
        is_reportable
        and evidence in ('randomised', 'adjusted')
        and coalesce(relative_reduction_lower > 0, false)
        and not coalesce(net_value_upper < 0, false) as is_helpful,
        coalesce(relative_reduction_upper < 0, false) as is_harmful
    from {{ ref('retention_action_effects') }}
    where segment_dimension = 'all'

),

{# What is known of those alike; where that is too little, of all together. Harm to either rules it out. #}
categories as (

    {% for category in ['detractor', 'passive', 'promoter', 'unknown'] -%}
    select '{{ category }}' as target_category{{ '\n    union all\n    ' if not loop.last }}
    {%- endfor %}

),

helpful as (

    select
        categories.target_category,
        together.campaign_id,
        together.action_kind,
        coalesce(alike.relative_reduction, together.relative_reduction) as reduction,
        coalesce(alike.relative_reduction_lower, together.relative_reduction_lower)
            as reduction_lower,
        coalesce(alike.relative_reduction_upper, together.relative_reduction_upper)
            as reduction_upper,
        coalesce(together.cost_of_one, 0.0) as cost_of_one,
        case when alike.relative_reduction is null then together.evidence else alike.evidence end
            as evidence
    from categories
    cross join actions as together
    left join actions as alike
        on
            together.campaign_id = alike.campaign_id
            and together.action_kind = alike.action_kind
            and categories.target_category = alike.target_category
    where
        together.target_category = 'all'
        and not together.is_harmful
        and not coalesce(alike.is_harmful, false)
        and case
            when alike.relative_reduction is null then together.is_helpful else alike.is_helpful
        end

),

{# A campaign is known to the clients it was made for. #}
campaigns_of_clients as (

    select distinct
        campaign_id,
        segment_value as client_id
    from {{ ref('retention_action_effects') }}
    where segment_dimension = 'client_id' and assigned_treated > 0

),

offers as (

    select
        explained.customer_id,
        helpful.campaign_id,
        helpful.action_kind,
        helpful.evidence,
        helpful.cost_of_one,
        explained.probability * explained.annual_revenue * helpful.reduction
        - helpful.cost_of_one as net_value,
        explained.probability * explained.annual_revenue * helpful.reduction_lower
        - helpful.cost_of_one as net_value_lower,
        explained.probability * explained.annual_revenue * helpful.reduction_upper
        - helpful.cost_of_one as net_value_upper
    from explained
    inner join campaigns_of_clients
        on explained.client_id = campaigns_of_clients.client_id
    inner join helpful
        on
            campaigns_of_clients.campaign_id = helpful.campaign_id
            and explained.target_category = helpful.target_category
    where
        {# Half a cent is nothing. #}
        explained.probability * explained.annual_revenue * helpful.reduction
        >= helpful.cost_of_one + 0.005
        and not explained.is_treated_lately

),

best_offers as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by net_value desc, campaign_id, action_kind
        ) as place
    from offers

)

select
    explained.customer_id,
    explained.client_id,
    explained.customer_type,
    explained.scoring_day as scored_on,
    {{ var('churn_window_days') }} as window_days,
    case when explained.is_shared then 'all' else 'client' end as model_scope,
    explained.probability,
    explained.decile,
    deciles.observed_rate,
    deciles.observed_rate_lower,
    deciles.observed_rate_upper,
    cast(deciles.customers as bigint) as observed_customers,
    explained.first_reason,
    explained.second_reason,
    explained.third_reason,
    explained.latest_category,
    explained.months_of_silence,
    {{ money('explained.annual_revenue') }} as annual_revenue,
    {{ money('explained.annual_revenue * explained.probability') }} as revenue_at_risk,
    {{ money(
        'explained.annual_revenue * '
        ~ 'least(explained.probability, explained.probability * deciles.observed_rate_lower / deciles.mean_probability)'
    ) }} as revenue_at_risk_lower,
    {{ money(
        'explained.annual_revenue * '
        ~ 'least(greatest(explained.probability, explained.probability * deciles.observed_rate_upper / deciles.mean_probability), 1.0)'
    ) }} as revenue_at_risk_upper,
    explained.is_treated_lately as is_in_action,
    coalesce(best_offers.campaign_id, 'leave_alone') as suggested_campaign_id,
    coalesce(best_offers.action_kind, 'leave_alone') as suggested_action,
    best_offers.evidence as action_evidence,
    {{ money('coalesce(best_offers.cost_of_one, 0)') }} as expected_cost,
    {{ money('coalesce(best_offers.net_value, 0)') }} as expected_net_value,
    {{ money('coalesce(best_offers.net_value_lower, 0)') }} as expected_net_value_lower,
    {{ money('coalesce(best_offers.net_value_upper, 0)') }} as expected_net_value_upper,
    'descriptive' as evidence,
    coalesce(deciles.is_reportable, false) as is_reportable,
    {{ reporting_currency() }} as currency
from explained
left join {{ ref('churn_risk_deciles') }} as deciles
    on
        explained.judged_client_id = deciles.client_id
        and explained.decile = deciles.decile
left join best_offers
    on
        explained.customer_id = best_offers.customer_id
        and best_offers.place = 1
