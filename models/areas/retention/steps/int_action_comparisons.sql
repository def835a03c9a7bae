{# The two arms against each other: of the observed and the adjusted comparison the one the
   evidence stands for. #}
with

arms as (

    select
        {{ action_group() | join(',\n        ') }},
        {% for adjustment in ('adjusted', 'unadjusted') -%}
        {% for arm, condition in (('treated', 'is_treated'), ('control', 'not is_treated')) -%}
        {% for figure in ('customers', 'risk', 'effective_customers', 'censored') -%}
        max(case when {{ condition }} and adjustment = '{{ adjustment }}' then {{ figure }} end)
            as {{ adjustment }}_{{ arm }}_{{ figure }},
        {% endfor -%}
        max(
            case
                when {{ condition }} and adjustment = '{{ adjustment }}' and is_followed then 1
                else 0
            end
        ) as {{ adjustment }}_{{ arm }}_is_followed,
        {% endfor -%}
        {% endfor -%}
        max(case when is_treated and adjustment = 'unadjusted' then events end) as treated_events,
        max(case when adjustment = 'unadjusted' and not is_treated then events end)
            as control_events
    from {{ ref('int_action_risks') }}
    group by {{ action_group() | join(', ') }}

),

chosen as (

    select
        designs.*,
        coalesce(arms.treated_events, 0) as treated_events,
        coalesce(arms.control_events, 0) as control_events,
        arms.unadjusted_treated_risk,
        arms.unadjusted_control_risk,
        {% for arm in ('treated', 'control') -%}
        {% for figure, name in (
            ('customers', 'compared'),
            ('risk', 'risk'),
            ('effective_customers', 'effective'),
            ('censored', 'censored'),
            ('is_followed', 'is_followed'),
        ) -%}
        case designs.evidence
            when 'adjusted' then arms.adjusted_{{ arm }}_{{ figure }}
            else arms.unadjusted_{{ arm }}_{{ figure }}
        end as {{ arm }}_{{ name }}{{ ',' if not (loop.last and arm == 'control') }}
        {% endfor -%}
        {% endfor %}
    from {{ ref('int_action_designs') }} as designs
    left join arms
        on {{ same_group('designs', 'arms', action_group()) }}

),

judged as (

    select
        *,
        treated_censored + control_censored > 0 as is_censored,
        coalesce(
            treated_compared >= {{ var('minimum_responses') }}
            and treated_is_followed = 1
            and (
                evidence = 'descriptive'
                or (
                    control_compared >= {{ var('minimum_responses') }}
                    and control_is_followed = 1
                )
            ),
            false
        ) as is_reportable,
        {{ risk_for_ratio('treated', 'treated', 'control') }} as treated_ratio_risk,
        {{ risk_for_ratio('control', 'treated', 'control') }} as control_ratio_risk
    from chosen

),

effects as (

    select
        *,
        treated_risk - control_risk as risk_difference,
        sqrt({{ arm_variance('treated') }} + {{ arm_variance('control') }}) as difference_error,
        {{ risk_difference_bound('treated', 'control', 'is_censored', '-') }} as difference_lower,
        {{ risk_difference_bound('treated', 'control', 'is_censored', '+') }} as difference_upper,
        case when treated_risk + control_risk > 0 then treated_ratio_risk / control_ratio_risk end
            as risk_ratio,
        case
            when treated_risk + control_risk > 0 then {{ log_ratio_error('treated', 'control') }}
        end as log_ratio_error,
        {{ two_sided_p(pooled_z('treated', 'control')) }} as p_value
    from judged

)

select
    {{ action_group() | join(',\n    ') }},
    assigned_treated,
    assigned_control,
    treated,
    control,
    customers_in_both_arms,
    treated_events,
    control_events,
    sample_ratio_p_value,
    standardised_share,
    acceptance,
    acceptance_difference,
    cost,
    treated_monthly_baseline,
    evidence,
    treated_compared,
    control_compared,
    treated_risk,
    control_risk,
    treated_effective,
    control_effective,
    is_censored,
    is_reportable,
    unadjusted_treated_risk,
    unadjusted_control_risk,
    risk_difference,
    difference_error,
    difference_lower,
    difference_upper,
    risk_ratio,
    log_ratio_error,
    p_value
from effects
