with

scores as (

    select
        *,
        sqrt(variance) as standard_error
    from {{ ref('int_nps_scores') }}

),

response_rates as (

    select
        period_grain,
        period_start,
        survey_kind,
        segment_dimension,
        segment_value,
        invitations,
        answered_invitations
    from {{ ref('response_rates') }}

)

select
    scores.period_grain,
    scores.period_start,
    scores.survey_kind,
    scores.score_scale,
    scores.segment_dimension,
    scores.segment_value,
    scores.responses,
    scores.customers,
    scores.promoters,
    scores.passives,
    scores.detractors,
    {{ when_reportable('scores.nps') }} as nps,
    {{ when_reportable('scores.standard_error') }} as standard_error,
    {{ when_reportable(nps_bound('scores.adjusted_nps', 'scores.standard_error', '-')) }} as lower,
    {{ when_reportable(nps_bound('scores.adjusted_nps', 'scores.standard_error', '+')) }} as upper,
    scores.is_clustered,
    {{ when_reportable('scores.revenue_weighted_nps') }} as revenue_weighted_nps,
    {{ when_reportable('scores.revenue_weighted_standard_error') }}
        as revenue_weighted_standard_error,
    {# greatest and least pass over NULL: without an error there would be a bound of ±100. #}
    case
        when scores.is_reportable and scores.revenue_weighted_standard_error is not null
            then greatest(
                -100,
                scores.revenue_weighted_nps - {{ z95() }} * scores.revenue_weighted_standard_error
            )
    end as revenue_weighted_lower,
    case
        when scores.is_reportable and scores.revenue_weighted_standard_error is not null
            then least(
                100,
                scores.revenue_weighted_nps + {{ z95() }} * scores.revenue_weighted_standard_error
            )
    end as revenue_weighted_upper,
    scores.effective_customers,
    scores.share_of_ten_largest,
    comparisons.previous_nps,
    comparisons.nps_change,
    comparisons.p_value,
    comparisons.q_value,
    comparisons.q_value < 0.05 as is_significant,
    comparisons.difference_to_rest,
    comparisons.rest_p_value,
    comparisons.rest_q_value < 0.05 as is_different_from_rest,
    response_rates.invitations,
    {{ safe_ratio('response_rates.answered_invitations', 'response_rates.invitations') }}
        as response_rate,
    coverage.revenue_coverage,
    {{ when_reportable(
        'coverage.revenue_coverage * scores.revenue_weighted_nps'
        ~ ' - 100 * (1 - coverage.revenue_coverage)'
    ) }} as worst_case_lower,
    {{ when_reportable(
        'coverage.revenue_coverage * scores.revenue_weighted_nps'
        ~ ' + 100 * (1 - coverage.revenue_coverage)'
    ) }} as worst_case_upper,
    'descriptive' as evidence,
    scores.is_reportable
from scores
inner join {{ ref('int_nps_comparisons') }} as comparisons
    on
        scores.period_grain = comparisons.period_grain
        and scores.period_start = comparisons.period_start
        and scores.survey_kind = comparisons.survey_kind
        and scores.score_scale = comparisons.score_scale
        and scores.segment_dimension = comparisons.segment_dimension
        and scores.segment_value = comparisons.segment_value
left join response_rates
    on
        scores.period_grain = response_rates.period_grain
        and scores.period_start = response_rates.period_start
        and scores.survey_kind = response_rates.survey_kind
        and scores.segment_dimension = response_rates.segment_dimension
        and scores.segment_value = response_rates.segment_value
left join {{ ref('int_nps_revenue_coverage') }} as coverage
    on
        scores.period_grain = coverage.period_grain
        and scores.period_start = coverage.period_start
        and scores.survey_kind = coverage.survey_kind
        and scores.score_scale = coverage.score_scale
        and scores.segment_dimension = coverage.segment_dimension
        and scores.segment_value = coverage.segment_value
