{# Risk of leaving within the churn window after the assignment, by arm: as observed, and with the
   controls made like the treated. #}
with

weighted as (

    select
        {{ action_group() | join(',\n        ') }},
        is_treated,
        'unadjusted' as adjustment,
        days_followed,
        has_churned,
        cast(1 as double) as weight
    from {{ ref('int_action_members') }}
    where is_at_risk

    union all

    select
        {{ action_group() | join(',\n        ') }},
        is_treated,
        'adjusted' as adjustment,
        days_followed,
        has_churned,
        weight_to_treated as weight
    from {{ ref('int_action_members') }}
    where weight_to_treated is not null

)

{{ survival_within(
    'weighted', action_group() + ['is_treated', 'adjustment'], var('churn_window_days')
) }}
