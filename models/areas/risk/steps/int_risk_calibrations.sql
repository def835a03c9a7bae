with

judged as (

    select
        client_id,
        cast(windows_before as {{ dbt.type_string() }}) as fold,
        case when has_left then 1.0 else 0.0 end as outcome,
        ln(probability / (1 - probability)) as log_odds
    from {{ ref('int_risk_probabilities') }}
    where windows_before > 0

),

{# Each row counts in its fold and in all of them, of its client and of all clients. #}
counted as (

    {% for client in ('client_id', "'all'") %}
    {%- for fold in ('fold', "'all'") %}
    select
        {{ client }} || '|' || {{ fold }} as fold_key,
        outcome,
        log_odds
    from judged
    {{ 'union all' if not (loop.last and client == "'all'") }}
    {% endfor %}
    {%- endfor %}

),

{# What was foreseen as the only feature of what came. #}
calibrated as (

    {{ logistic_regression('counted', 'fold_key', 'outcome', ['log_odds'], 0.0001) }} -- noqa: PRS

)

select
    group_key as fold_key,
    slope_1 / scale_1 as calibration_slope,
    error_1 / scale_1 as calibration_slope_error,
    slope_0 - slope_1 * mean_1 / scale_1 as calibration_intercept,
    sqrt(
        error_0 * error_0 + power(error_1 * mean_1 / scale_1, 2)
        - 2 * covariance_1 * mean_1 / scale_1
    ) as calibration_intercept_error
from calibrated
where not is_constant_1
