{# Each score against its previous period and against the rest, with p-values corrected for the
   number of segments looked at (Benjamini–Hochberg). Both sides carry the variance of a score,
   clustered where customers answered several times. #}
with

scores as (

    select
        *,
        {{ previous_period('period_grain', 'period_start') }} as previous_start
    from {{ ref('int_nps_scores') }}

),

{# The rest: all answers of the period that are not in the segment. #}
others as (

    select
        totals.period_grain,
        totals.period_start,
        totals.survey_kind,
        totals.score_scale,
        totals.segment_dimension,
        totals.segment_value,
        whole.customers - totals.taken_customers as customers,
        whole.responses - totals.responses as responses,
        whole.promoters - totals.promoters as promoters,
        whole.detractors - totals.detractors as detractors,
        whole.contribution_squared - totals.taken_contribution_squared as contribution_squared,
        whole.contribution_by_responses - totals.taken_contribution_by_responses
            as contribution_by_responses,
        whole.responses_squared - totals.taken_responses_squared as responses_squared
    from {{ ref('int_nps_segment_totals') }} as totals
    inner join {{ ref('int_nps_segment_totals') }} as whole
        on
            totals.period_grain = whole.period_grain
            and totals.period_start = whole.period_start
            and totals.survey_kind = whole.survey_kind
            and totals.score_scale = whole.score_scale
            and whole.segment_dimension = 'all'
    where totals.segment_dimension <> 'all'

),

other_scores as (

    select
        *,
        {{ nps_points('promoters', 'detractors', 'responses') }} as nps,
        100 * {{ nps_adjusted_mean('promoters', 'detractors', 'responses') }} as adjusted_nps
    from others
    where responses >= {{ var('minimum_responses') }}

),

rests as (

    select
        *,
        greatest(
            10000 * {{ nps_adjusted_variance('promoters', 'detractors', 'responses') }},
            coalesce({{ nps_clustered_variance() }}, 0)
        ) as variance
    from other_scores

),

compared as (

    select
        scores.period_grain,
        scores.period_start,
        scores.survey_kind,
        scores.score_scale,
        scores.segment_dimension,
        scores.segment_value,
        case when previous.is_reportable and scores.is_reportable then previous.nps end
            as previous_nps,
        case when previous.is_reportable and scores.is_reportable then scores.nps - previous.nps end
            as nps_change,
        case
            when previous.is_reportable and scores.is_reportable
                then {{ safe_ratio(
                    'scores.adjusted_nps - previous.adjusted_nps',
                    'sqrt(scores.variance + previous.variance)',
                ) }}
        end as change_z,
        case
            when scores.is_reportable then scores.nps - rests.nps
        end as difference_to_rest,
        case
            when scores.is_reportable
                then {{ safe_ratio(
                    'scores.adjusted_nps - rests.adjusted_nps',
                    'sqrt(scores.variance + rests.variance)',
                ) }}
        end as rest_z
    from scores
    left join scores as previous
        on
            scores.period_grain = previous.period_grain
            and scores.previous_start = previous.period_start
            and scores.survey_kind = previous.survey_kind
            and scores.score_scale = previous.score_scale
            and scores.segment_dimension = previous.segment_dimension
            and scores.segment_value = previous.segment_value
    left join rests
        on
            scores.period_grain = rests.period_grain
            and scores.period_start = rests.period_start
            and scores.survey_kind = rests.survey_kind
            and scores.score_scale = rests.score_scale
            and scores.segment_dimension = rests.segment_dimension
            and scores.segment_value = rests.segment_value

),

p_values as (

    select
        *,
        {{ two_sided_p('change_z') }} as p_value,
        {{ two_sided_p('rest_z') }} as rest_p_value
    from compared

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    previous_nps,
    nps_change,
    p_value,
    {{ benjamini_hochberg('p_value', nps_family()) }} as q_value,
    difference_to_rest,
    rest_p_value,
    {{ benjamini_hochberg('rest_p_value', nps_family()) }} as rest_q_value
from (

    select
        *,
        {{ benjamini_hochberg_step('p_value', nps_family()) }},
        {{ benjamini_hochberg_step('rest_p_value', nps_family()) }}
    from p_values

) as stepped
