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
            order by probabilities.probability desc, probabilities.customer_id asc
        ) as place,
        count(*) over (partition by probabilities.client_id) as customers
    from {{ ref('int_risk_probabilities') }} as probabilities
    left join judgements as own
        on probabilities.client_id = own.client_id
    cross join judgements as shared
    where
        probabilities.windows_before = 0
        and shared.client_id = 'all'
        and case
            when coalesce(own.is_reportable, false) then own.is_useful
            else shared.is_useful
        end

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
                    * coalesce(
                        (days.{{ feature }} - models.mean_{{ i }}) / models.scale_{{ i }}, 0.0
                    )
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
        greatest(
            {%- for reason in reasons %}
            push_{{ reason }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as first_push
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

{{ action_evidence() }},

offers as (

    select
        explained.customer_id,
        actions.campaign_id,
        actions.action_kind,
        actions.evidence,
        actions.cost_of_one,
        explained.probability * explained.annual_revenue * actions.effect
        - actions.cost_of_one as net_value,
        explained.probability * explained.annual_revenue * actions.effect_lower
        - actions.cost_of_one as net_value_lower,
        explained.probability * explained.annual_revenue * actions.effect_upper
        - actions.cost_of_one as net_value_upper
    from explained
    inner join action_evidence as actions
        on
            explained.client_id = actions.client_id
            and explained.target_category = actions.target_category
            and actions.measure = 'leaving'
            and actions.is_helpful
    where
        {# Half a cent is nothing. #}
        explained.probability * explained.annual_revenue * actions.effect
        >= actions.cost_of_one + 0.005
        and not explained.is_treated_lately

),

best_offers as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by net_value desc, campaign_id asc, action_kind asc
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
    case
        when deciles.is_reportable
            then {{ money(
                'explained.annual_revenue * least(explained.probability, '
                ~ 'explained.probability * deciles.observed_rate_lower / deciles.mean_probability)'
            ) }}
    end as revenue_at_risk_lower,
    case
        when deciles.is_reportable
            then {{ money(
                'explained.annual_revenue * least(greatest(explained.probability, '
                ~ 'explained.probability * deciles.observed_rate_upper / deciles.mean_probability), 1.0)'
            ) }}
    end as revenue_at_risk_upper,
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
