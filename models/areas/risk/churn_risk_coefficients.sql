with

models as (

    select *
    from {{ ref('int_risk_models') }}

),

coefficients as (

    select
        windows_before,
        scope,
        client_id,
        learned_from,
        learned_to,
        cases,
        events,
        0 as feature_number,
        'intercept' as feature,
        slope_0 as coefficient,
        error_0 as standard_error,
        cast(null as double) as mean,
        cast(null as double) as scale,
        'used' as status,
        largest_step
    from models
    {%- for feature in risk_feature_names() %}
    {%- set i = loop.index %}

    union all

    select
        windows_before,
        scope,
        client_id,
        learned_from,
        learned_to,
        cases,
        events,
        {{ i }} as feature_number,
        '{{ feature }}' as feature,
        case when error_{{ i }} is not null then slope_{{ i }} end as coefficient,
        error_{{ i }} as standard_error,
        mean_{{ i }} as mean,
        scale_{{ i }} as scale,
        case
            when is_constant_{{ i }} then 'left out: the same for all'
            when is_combined_{{ i }} then 'left out: a combination of those before'
            else 'used'
        end as status,
        largest_step
    from models
    {%- endfor %}

)

select
    windows_before,
    coalesce(client_id, 'all') as client_id,
    scope,
    feature,
    feature_number,
    learned_from,
    learned_to,
    cast(cases as bigint) as customers,
    cast(events as bigint) as events,
    coefficient,
    standard_error,
    coefficient - {{ z95() }} * standard_error as lower,
    coefficient + {{ z95() }} * standard_error as upper,
    mean,
    scale,
    status,
    largest_step < 1e-6 as is_converged,
    'descriptive' as evidence,
    least(events, cases - events) >= {{ var('minimum_responses') }} as is_reportable
from coefficients
