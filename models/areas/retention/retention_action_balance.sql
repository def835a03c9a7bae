with

totals as (

    select
        *,
        {% for arm in ('treated', 'control') -%}
        sum({{ arm }}_customers) over (
            partition by {{ action_group() | join(', ') }}, covariate
        ) as {{ arm }}_total,
        sum({{ arm }}_weight) over (
            partition by {{ action_group() | join(', ') }}, covariate
        ) as {{ arm }}_total_weight{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_action_covariates') }}

),

means as (

    select
        *,
        {{ safe_ratio('treated_sum', 'treated_total') }} as mean_treated,
        {{ safe_ratio('control_sum', 'control_total') }} as mean_control,
        {{ safe_ratio('treated_weighted_sum', 'treated_total_weight') }} as mean_treated_adjusted,
        {{ safe_ratio('control_weighted_sum', 'control_total_weight') }} as mean_control_adjusted,
        {{ safe_ratio('treated_squares', 'treated_total') }} as square_treated,
        {{ safe_ratio('control_squares', 'control_total') }} as square_control
    from totals
    where treated_total > 0 and control_total > 0

),

{# The spread that both differences are measured in is the observed one of the arms. Where each arm
   is all of one kind and they differ, it is the spread of both together. #}
spreads as (

    select
        *,
        sqrt(
            greatest(
                0.0,
                (
                    square_treated - mean_treated * mean_treated
                    + square_control - mean_control * mean_control
                ) / 2
            )
        ) as spread,
        abs(mean_treated - mean_control) / 2 as spread_between,
        1e-7 * sqrt(greatest(square_treated, square_control)) as rounding
    from means

),

measured as (

    select
        *,
        case when spread > rounding then spread else spread_between end as unit
    from spreads

)

select
    campaign_id,
    action_kind,
    target_category,
    segment_dimension,
    segment_value,
    covariate,
    level,
    cast(treated_total as bigint) as treated,
    cast(control_total as bigint) as control,
    mean_treated,
    mean_control,
    mean_treated_adjusted,
    mean_control_adjusted,
    case when unit > rounding then (mean_treated - mean_control) / unit else 0.0 end
        as standardised_difference,
    case
        when unit > rounding then (mean_treated_adjusted - mean_control_adjusted) / unit
        when mean_treated_adjusted is not null and mean_control_adjusted is not null then 0.0
    end as standardised_difference_adjusted,
    'descriptive' as evidence
from measured
