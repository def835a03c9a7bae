{# The outcomes of contacted customers against those of not contacted ones like them, side by side.
   #}
with

outcomes as (

    select
        {{ caring_group() | join(',\n        ') }},
        max(case when outcome = 'change' then customers end) as contacted_answered_again,
        max(case when outcome = 'change' then contacted end) as compared_contacted,
        max(case when outcome = 'change' then not_contacted end) as compared_not_contacted,
        max(case when outcome = 'change' then mean_observed end) as observed_change,
        max(case when outcome = 'recovered' then contacted_mean end) as contacted_recovered_risk,
        max(case when outcome = 'recovered' then cast(contacted as double) end)
            as contacted_recovered_effective,
        max(case when outcome = 'recovered' then other_mean end) as other_recovered_risk,
        max(case when outcome = 'recovered' then other_effective end) as other_recovered_effective,
        max(case when outcome = 'change' then contacted_mean end) as contacted_change,
        max(case when outcome = 'change' then other_mean end) as other_change,
        max(case when outcome = 'change' then sqrt(contacted_variance + other_variance) end)
            as change_error,
        max(
            case
                when
                    outcome = 'gain'
                    and contacted >= {{ var('minimum_responses') }}
                    and not_contacted >= {{ var('minimum_responses') }}
                    then contacted_mean - other_mean
            end
        ) as gain,
        max(case when outcome = 'gain' then sqrt(contacted_variance + other_variance) end)
            as gain_error
    from {{ ref('int_caring_outcomes') }}
    group by {{ caring_group() | join(', ') }}

),

churn as (

    select
        {{ caring_group() | join(',\n        ') }},
        min(customers) >= {{ var('minimum_responses') }}
        and min(case when is_followed then 1 else 0 end) = 1 as is_churn_known,
        max(case when is_contacted then risk end) as contacted_churn_risk,
        max(case when is_contacted then effective_customers end) as contacted_churn_effective,
        max(case when is_contacted then null else risk end) as other_churn_risk,
        max(case when is_contacted then null else effective_customers end)
            as other_churn_effective,
        sum(censored) > 0 as is_censored
    from {{ ref('int_caring_churn') }}
    group by {{ caring_group() | join(', ') }}

)

select
    {% for column in caring_group() -%}
    churn.{{ column }},
    {% endfor -%}
    coalesce(outcomes.contacted_answered_again, 0) as contacted_answered_again,
    coalesce(outcomes.compared_contacted, 0) as compared_contacted,
    coalesce(outcomes.compared_not_contacted, 0) as compared_not_contacted,
    outcomes.observed_change,
    outcomes.contacted_recovered_risk,
    outcomes.contacted_recovered_effective,
    outcomes.other_recovered_risk,
    outcomes.other_recovered_effective,
    outcomes.contacted_change,
    outcomes.other_change,
    outcomes.contacted_change - outcomes.other_change as points_effect,
    outcomes.change_error,
    outcomes.gain,
    outcomes.gain_error,
    churn.is_churn_known,
    churn.contacted_churn_risk,
    churn.contacted_churn_effective,
    churn.other_churn_risk,
    churn.other_churn_effective,
    churn.is_censored
from churn
left join outcomes
    on {{ same_group('churn', 'outcomes', caring_group()) }}
