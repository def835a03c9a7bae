{# The probability of leaving within the window of every customer on every judged day, and on the
   day on which customers are scored: by the model of its client where there is one, else by that of
   all. Beside it what simpler rules would rank customers by. #}
with

models as (

    select
        windows_before,
        client_id,
        group_key as model_key,
        {{ safe_ratio('events', 'cases') }} as base_rate,
        slope_0
        {%- for feature in risk_feature_names() %}
        {%- set i = loop.index %}
        {#- A feature that is left out has no scale, or no slope. #}
        - slope_{{ i }} * coalesce(mean_{{ i }} / scale_{{ i }}, 0.0)
        {%- endfor %} as intercept
        {%- for feature in risk_feature_names() %},
        slope_{{ loop.index }} * coalesce(1 / scale_{{ loop.index }}, 0.0)
            as weight_{{ loop.index }}
        {%- endfor %}
    from {{ ref('int_risk_models') }}

),

chosen as (

    select
        days.windows_before,
        days.client_id,
        coalesce(max(own.model_key), max(shared.model_key)) as model_key
    from (
        select distinct
            windows_before,
            client_id
        from {{ ref('int_risk_customer_days') }}
        where windows_before <= {{ var('risk_folds') }}
    ) as days
    left join models as own
        on
            days.windows_before = own.windows_before
            and days.client_id = own.client_id
    left join models as shared
        on
            days.windows_before = shared.windows_before
            and shared.client_id is null
    group by days.windows_before, days.client_id

),

predicted as (

    select
        days.windows_before,
        days.scoring_day,
        days.customer_id,
        days.client_id,
        models.model_key,
        models.client_id is null as is_shared,
        days.has_left,
        days.revenue_of_year,
        days.latest_category,
        days.is_silent,
        days.revenue_trend,
        models.base_rate,
        1 / (
            1 + exp(
                -greatest(
                    least(
                        models.intercept
                        {%- for feature in risk_feature_names() %}
                        + models.weight_{{ loop.index }} * days.{{ feature }}
                        {%- endfor %},
                        35.0
                    ),
                    -35.0
                )
            )
        ) as probability
    from {{ ref('int_risk_customer_days') }} as days
    inner join chosen
        on
            days.windows_before = chosen.windows_before
            and days.client_id = chosen.client_id
    inner join models
        on chosen.model_key = models.model_key

)

select
    windows_before,
    scoring_day,
    customer_id,
    client_id,
    model_key,
    is_shared,
    has_left,
    revenue_of_year,
    probability,
    base_rate,
    cast(
        case latest_category
            when 'detractor' then 3
            when 'passive' then 2
            when 'promoter' then 0
            else 1
        end
        as double
    ) as detractors_first,
    is_silent + case when revenue_trend < -{{ var('bill_change_share') }} then 1 else 0 end
        as silent_and_falling_first
from predicted
