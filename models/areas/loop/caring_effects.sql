with

contacted as (

    select
        {{ caring_group() | join(',\n        ') }},
        count(*) as contacted,
        count(change) as answered_again,
        count(perceived_contribution) as perceived_answers,
        avg(perceived_contribution) as perceived_nps
    from {{ ref('int_caring_members') }}
    where is_contacted
    group by {{ caring_group() | join(', ') }}

),

others as (

    select
        {{ caring_population() | join(',\n        ') }},
        count(*) as not_contacted,
        count(change) as answered_again
    from {{ ref('int_caring_members') }}
    where not is_contacted
    group by {{ caring_population() | join(', ') }}

),

joined as (

    select
        contacted.*,
        coalesce(others.not_contacted, 0) as not_contacted,
        coalesce(others.answered_again, 0) as others_answered_again,
        coalesce(comparisons.compared_contacted, 0) as compared_contacted,
        coalesce(comparisons.compared_not_contacted, 0) as compared_not_contacted,
        {% for column in (
            'observed_change', 'contacted_recovered_risk', 'contacted_recovered_effective',
            'other_recovered_risk', 'other_recovered_effective', 'contacted_change',
            'other_change', 'points_effect', 'change_error', 'gain', 'gain_error',
            'contacted_churn_risk', 'contacted_churn_effective', 'other_churn_risk',
            'other_churn_effective', 'is_censored',
        ) -%}
        comparisons.{{ column }},
        {% endfor -%}
        coalesce(comparisons.is_churn_known, false) as is_churn_known,
        {# What the answers of the contacted move the score of all who answer. #}
        {{ safe_ratio('contacted.contacted', 'respondents.respondents') }} as share_of_respondents,
        point_values.value_of_a_point,
        point_values.value_standard_error,
        case when others.not_contacted > 0 then 'adjusted' else 'descriptive' end as evidence
    from contacted
    left join others
        on {{ same_group('contacted', 'others', caring_population()) }}
    left join {{ ref('int_caring_comparisons') }} as comparisons
        on {{ same_group('contacted', 'comparisons', caring_group()) }}
    left join {{ ref('int_caring_respondents') }} as respondents
        on
            contacted.survey_kind = respondents.survey_kind
            and contacted.segment_dimension = respondents.segment_dimension
            and contacted.segment_value = respondents.segment_value
    {# A point has a value in the relation as a whole; a point of one contact is another thing. #}
    left join {{ point_values() }} as point_values
        on
            contacted.survey_kind = 'relational'
            and contacted.segment_dimension = point_values.segment_dimension
            and contacted.segment_value = point_values.segment_value

),

judged as (

    select
        *,
        points_effect * share_of_respondents as points,
        change_error * share_of_respondents as points_error,
        compared_contacted >= {{ var('minimum_responses') }}
        and compared_not_contacted >= {{ var('minimum_responses') }} as is_reportable
    from joined

),

valued as (

    select
        *,
        {{ revenue_of_points('points') }} as points_value,
        {{ revenue_of_points_standard_error('points', 'points_error') }} as points_value_error
    from judged

)

select
    survey_kind,
    category,
    segment_dimension,
    segment_value,
    contact_kind,
    contact_value,
    contacted,
    not_contacted,
    answered_again as contacted_answered_again,
    others_answered_again as not_contacted_answered_again,
    compared_contacted,
    compared_not_contacted,
    {{ safe_ratio('compared_contacted', 'answered_again') }} as standardised_share,
    {{ when_reportable('contacted_recovered_risk') }} as recovered_contacted,
    {{ when_reportable('other_recovered_risk') }} as recovered_not_contacted,
    {{ when_reportable('contacted_recovered_risk - other_recovered_risk') }}
        as recovered_difference,
    {{ when_reportable(
        risk_difference_bound('contacted_recovered', 'other_recovered', 'false', '-')
    ) }} as recovered_difference_lower,
    {{ when_reportable(
        risk_difference_bound('contacted_recovered', 'other_recovered', 'false', '+')
    ) }} as recovered_difference_upper,
    {{ when_reportable('observed_change') }} as change_observed,
    {{ when_reportable('contacted_change') }} as change_contacted,
    {{ when_reportable('other_change') }} as change_not_contacted,
    {{ when_reportable('points_effect') }} as points_effect,
    {{ when_reportable('change_error') }} as standard_error,
    {{ when_reportable('points_effect - ' ~ z95() ~ ' * change_error') }} as lower,
    {{ when_reportable('points_effect + ' ~ z95() ~ ' * change_error') }} as upper,
    {{ when_reportable(two_sided_p(safe_ratio('points_effect', 'change_error'))) }} as p_value,
    {{ when_reportable('points') }} as nps_points,
    {{ when_reportable(money('points_value')) }} as revenue_of_points,
    {{ when_reportable(money('points_value_error')) }} as revenue_of_points_standard_error,
    {{ when_reportable(money('points_value - ' ~ z95() ~ ' * points_value_error')) }}
        as revenue_of_points_lower,
    {{ when_reportable(money('points_value + ' ~ z95() ~ ' * points_value_error')) }}
        as revenue_of_points_upper,
    {{ var('churn_window_days') }} as window_days,
    {{ when_churn_known('contacted_churn_risk') }} as churn_contacted,
    {{ when_churn_known('other_churn_risk') }} as churn_not_contacted,
    {{ when_churn_known('contacted_churn_risk - other_churn_risk') }} as churn_difference,
    {{ when_churn_known(
        risk_difference_bound('contacted_churn', 'other_churn', 'is_censored', '-')
    ) }} as churn_difference_lower,
    {{ when_churn_known(
        risk_difference_bound('contacted_churn', 'other_churn', 'is_censored', '+')
    ) }} as churn_difference_upper,
    {{ money('contacted * gain') }} as revenue_effect,
    {{ money('case when gain is not null then contacted * gain_error end') }}
        as revenue_effect_standard_error,
    {{ money('contacted * (gain - ' ~ z95() ~ ' * gain_error)') }} as revenue_effect_lower,
    {{ money('contacted * (gain + ' ~ z95() ~ ' * gain_error)') }} as revenue_effect_upper,
    perceived_answers,
    case when perceived_answers >= {{ var('minimum_responses') }} then perceived_nps end
        as perceived_nps,
    evidence,
    is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    {{ reporting_currency() }} as currency
from valued
