{% set minimum = var('minimum_responses') %}

with

invited as (

    select
        rates.*,
        rates.invitations >= {{ minimum }} as is_reportable,
        {{ safe_ratio('answered_invitations', 'invitations') }} as rate,
        {# While nobody has answered or was billed there is no day to settle anything by. #}
        coalesce(
            rates.period_grain = 'all_time'
            or {{ add_days(
                period_end('rates.period_grain', 'rates.period_start'), var('silent_after_days') - 1
            ) }} <= clock.as_of,
            false
        ) as is_settled
    from {{ ref('int_nps_response_rates') }} as rates
    cross join {{ ref('int_run_clock') }} as clock

),

{# Silent customers less answering ones. #}
silence as (

    select
        *,
        least(silent_with_revenue, answering_with_revenue) >= {{ minimum }} as has_revenue,
        least(silent_with_tenure, answering_with_tenure) >= {{ minimum }} as has_tenure,
        least(silent_followed, answering_followed) >= {{ minimum }} as has_churn,
        {{ safe_ratio('silent_revenue', 'silent_with_revenue') }} as mean_silent_revenue,
        {{ safe_ratio('answering_revenue', 'answering_with_revenue') }} as mean_answering_revenue,
        sqrt(
            {{ variance_of_mean(
                'silent_with_revenue', 'silent_revenue', 'silent_revenue_squared'
            ) }}
            + {{ variance_of_mean(
                'answering_with_revenue', 'answering_revenue', 'answering_revenue_squared'
            ) }}
        ) as revenue_error,
        {{ safe_ratio('silent_tenure', 'silent_with_tenure') }} as mean_silent_tenure,
        {{ safe_ratio('answering_tenure', 'answering_with_tenure') }} as mean_answering_tenure,
        sqrt(
            {{ variance_of_mean('silent_with_tenure', 'silent_tenure', 'silent_tenure_squared') }}
            + {{ variance_of_mean(
                'answering_with_tenure', 'answering_tenure', 'answering_tenure_squared'
            ) }}
        ) as tenure_error
    from {{ ref('int_silence_sums') }}

),

scores as (

    select
        *,
        answers >= {{ minimum }} as has_score,
        sqrt(adjusted_variance) as adjusted_error,
        sqrt(shift_variance) as shift_error
    from {{ ref('int_response_weighted_scores') }}

)

select
    invited.period_grain,
    invited.period_start,
    invited.survey_kind,
    invited.segment_dimension,
    invited.segment_value,
    invited.is_settled,
    invited.invitations,
    invited.answered_invitations,
    {{ when_reportable('invited.rate') }} as response_rate,
    {{ when_reportable(
        'sqrt(invited.rate * (1 - invited.rate) / invited.invitations)'
    ) }} as standard_error,
    {{ when_reportable(wilson_bound('invited.answered_invitations', 'invited.invitations', '-')) }}
        as lower,
    {{ when_reportable(wilson_bound('invited.answered_invitations', 'invited.invitations', '+')) }}
        as upper,
    cast(coalesce(silence.answering_customers, 0) as bigint) as answering_customers,
    cast(coalesce(silence.silent_customers, 0) as bigint) as silent_customers,
    {% set difference = 'silence.mean_silent_revenue - silence.mean_answering_revenue' %}
    case when silence.has_revenue then {{ money('silence.mean_answering_revenue') }} end
        as answering_monthly_revenue,
    case when silence.has_revenue then {{ money('silence.mean_silent_revenue') }} end
        as silent_monthly_revenue,
    {% for name, value in [
        ('revenue_difference', ''),
        ('revenue_difference_lower', ' - ' ~ z95() ~ ' * silence.revenue_error'),
        ('revenue_difference_upper', ' + ' ~ z95() ~ ' * silence.revenue_error'),
    ] %}
    case
        when silence.has_revenue
            then {{ money(difference ~ value) }}
    end as {{ name }},
    {% endfor %}
    case
        when silence.has_revenue
            then {{ safe_ratio(
                'silence.silent_revenue', 'silence.silent_revenue + silence.answering_revenue'
            ) }}
    end as silent_share_of_revenue,
    case when silence.has_tenure then silence.mean_answering_tenure end as answering_tenure_years,
    case when silence.has_tenure then silence.mean_silent_tenure end as silent_tenure_years,
    {% for name, value in [
        ('tenure_difference', ''), ('tenure_difference_lower', '-'), ('tenure_difference_upper', '+'),
    ] %}
    case
        when silence.has_tenure
            then silence.mean_silent_tenure - silence.mean_answering_tenure
            {%- if value %} {{ value }} {{ z95() }} * silence.tenure_error{% endif %}
    end as {{ name }},
    {% endfor %}
    cast(coalesce(silence.answering_followed, 0) as bigint) as answering_followed,
    cast(coalesce(silence.silent_followed, 0) as bigint) as silent_followed,
    case
        when silence.has_churn
            then {{ safe_ratio('silence.answering_left_in_window', 'silence.answering_followed') }}
    end as answering_churn,
    case
        when silence.has_churn
            then {{ safe_ratio('silence.silent_left_in_window', 'silence.silent_followed') }}
    end as silent_churn,
    case
        when silence.has_churn
            then {{ safe_ratio('silence.silent_left_in_window', 'silence.silent_followed') }}
                - {{ safe_ratio('silence.answering_left_in_window', 'silence.answering_followed') }}
    end as churn_difference,
    {% for name, side in [('churn_difference_lower', '-'), ('churn_difference_upper', '+')] %}
    case
        when silence.has_churn
            then {{ newcombe_bound(
                'silence.silent_left_in_window',
                'silence.silent_followed',
                'silence.answering_left_in_window',
                'silence.answering_followed',
                side
            ) }}
    end as {{ name }},
    {% endfor %}
    coalesce(scores.answers, 0) as scored_answers,
    scores.represented_share,
    case when scores.has_score then scores.nps end as nps,
    case when scores.has_score then scores.adjusted_nps end as adjusted_nps,
    case when scores.has_score then scores.adjusted_error end as adjusted_nps_standard_error,
    {% for name, side in [('adjusted_nps_lower', '-'), ('adjusted_nps_upper', '+')] %}
    case
        when scores.has_score
            then {{ on_the_scale(
                '(scores.adjusted_nps ' ~ side ~ z95() ~ ' * scores.adjusted_error)'
            ) }}
    end as {{ name }},
    {% endfor %}
    case when scores.has_score then scores.adjusted_nps - scores.nps end as nps_shift,
    {% for name, side in [('nps_shift_lower', '-'), ('nps_shift_upper', '+')] %}
    case
        when scores.has_score
            then scores.adjusted_nps - scores.nps {{ side }} {{ z95() }} * scores.shift_error
    end as {{ name }},
    {% endfor %}
    'descriptive' as evidence,
    invited.is_reportable,
    {{ reporting_currency() }} as currency
from invited
left join silence
    on
        invited.period_grain = silence.period_grain
        and invited.period_start = silence.period_start
        and invited.survey_kind = silence.survey_kind
        and invited.segment_dimension = silence.segment_dimension
        and invited.segment_value = silence.segment_value
left join scores
    on
        invited.period_grain = scores.period_grain
        and invited.period_start = scores.period_start
        and invited.survey_kind = scores.survey_kind
        and invited.segment_dimension = scores.segment_dimension
        and invited.segment_value = scores.segment_value
