with

by_day as (

    select
        category,
        day,
        events,
        at_risk
    from {{ ref('int_survival_by_day') }}

),

categories as (

    select
        category,
        cast(max(customers) as bigint) as customers,
        max(case when horizon_months = 12 and is_followed then restricted_mean_days end) as mean_12,
        max(case when horizon_months = 12 and is_followed then variance end) as variance_12,
        max(case when horizon_months = 36 and is_followed then restricted_mean_days end) as mean_36,
        max(case when horizon_months = 36 and is_followed then variance end) as variance_36
    from {{ ref('int_survival_restricted_means') }}
    group by category

),

pairs as (

    select
        one.category as category_a,
        other.category as category_b,
        one.day,
        one.at_risk as at_risk_a,
        one.at_risk + other.at_risk as at_risk,
        one.events as events_a,
        one.events + other.events as events
    from by_day as one
    inner join by_day as other
        on
            one.day = other.day
            and one.category < other.category
    where one.events + other.events > 0 and one.at_risk + other.at_risk > 0

),

log_ranks as (

    select
        category_a,
        category_b,
        sum(events_a) as events_a,
        sum(events_a - {{ safe_ratio('events * at_risk_a', 'at_risk') }}) as excess_a,
        sum(
            case
                when at_risk > 1
                    then {{ safe_ratio('events * at_risk_a', 'at_risk') }}
                        * (1 - {{ safe_ratio('at_risk_a', 'at_risk') }})
                        * {{ safe_ratio('at_risk - events', 'at_risk - 1') }}
            end
        ) as excess_variance
    from pairs
    group by category_a, category_b

),

compared as (

    select
        one.category as category_a,
        other.category as category_b,
        one.customers as customers_a,
        other.customers as customers_b,
        {{ safe_ratio('log_ranks.excess_a * log_ranks.excess_a', 'log_ranks.excess_variance') }}
            as log_rank_statistic,
        {{ safe_ratio('log_ranks.excess_a', 'sqrt(log_ranks.excess_variance)') }} as log_rank_z,
        one.mean_12 as mean_days_12_months_a,
        other.mean_12 as mean_days_12_months_b,
        one.mean_12 - other.mean_12 as difference_12_months,
        sqrt(one.variance_12 + other.variance_12) as difference_12_months_standard_error,
        one.mean_36 as mean_days_36_months_a,
        other.mean_36 as mean_days_36_months_b,
        one.mean_36 - other.mean_36 as difference_36_months,
        sqrt(one.variance_36 + other.variance_36) as difference_36_months_standard_error,
        one.customers >= {{ var('minimum_responses') }}
        and other.customers >= {{ var('minimum_responses') }} as is_reportable
    from categories as one
    inner join categories as other
        on one.category < other.category
    left join log_ranks
        on
            one.category = log_ranks.category_a
            and other.category = log_ranks.category_b

)

select
    category_a,
    category_b,
    customers_a,
    customers_b,
    {{ when_reportable('log_rank_statistic') }} as log_rank_statistic,
    {{ when_reportable(two_sided_p('log_rank_z')) }} as p_value,
    {%- for months in [12, 36] %}
    {{ when_reportable('mean_days_' ~ months ~ '_months_a') }} as mean_days_{{ months }}_months_a,
    {{ when_reportable('mean_days_' ~ months ~ '_months_b') }} as mean_days_{{ months }}_months_b,
    {{ when_reportable('difference_' ~ months ~ '_months') }} as difference_{{ months }}_months,
    {{ when_reportable('difference_' ~ months ~ '_months_standard_error') }}
        as difference_{{ months }}_months_standard_error,
    {{ when_reportable(
        'difference_' ~ months ~ '_months - ' ~ z95()
        ~ ' * difference_' ~ months ~ '_months_standard_error'
    ) }} as difference_{{ months }}_months_lower,
    {{ when_reportable(
        'difference_' ~ months ~ '_months + ' ~ z95()
        ~ ' * difference_' ~ months ~ '_months_standard_error'
    ) }} as difference_{{ months }}_months_upper,
    {%- endfor %}
    'descriptive' as evidence,
    is_reportable
from compared
