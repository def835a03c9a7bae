{# The points of a part are bookkeeping of the whole, shown wherever the whole is; what a part
   alone scores, and how sure its points are, only where it is large enough to say. #}
with

effects as (

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        part_dimension,
        part_value,
        effect,
        whole_responses_before,
        whole_responses_now,
        whole_before,
        whole_now,
        responses_before,
        responses_now,
        share_before,
        share_now,
        nps_before,
        nps_now,
        points,
        variance,
        {# A dimension that nothing is known in says nothing. #}
        max(case when part_value = '(none)' then 0 else 1 end) over (
            partition by
                period_grain,
                period_start,
                previous_start,
                survey_kind,
                score_scale,
                segment_dimension,
                segment_value,
                part_dimension
        ) = 1 as is_known
    from {{ ref('int_bridge_segment_effects') }}

    union all

    select
        period_grain,
        period_start,
        previous_start,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        'people' as part_dimension,
        person_kind as part_value,
        'people' as effect,
        whole_responses_before,
        whole_responses_now,
        whole_before,
        whole_now,
        responses_before,
        responses_now,
        share_before,
        share_now,
        nps_before,
        nps_now,
        points,
        variance,
        true as is_known
    from {{ ref('int_bridge_people_effects') }}

),

judged as (

    select
        *,
        least(whole_responses_before, whole_responses_now) >= {{ var('minimum_responses') }}
            as is_reportable,
        {# Each side on which it stands at all. #}
        (responses_before = 0 or responses_before >= {{ var('minimum_responses') }})
        and (responses_now = 0 or responses_now >= {{ var('minimum_responses') }})
        and responses_before + responses_now > 0 as is_large_enough
    from effects
    where is_known

),

estimates as (

    select
        *,
        {{ when_reportable('points') }} as shown_points,
        case when is_reportable and is_large_enough then sqrt(variance) end as standard_error
    from judged

)

select
    estimates.period_grain,
    estimates.period_start,
    estimates.previous_start,
    estimates.survey_kind,
    estimates.score_scale,
    estimates.segment_dimension,
    estimates.segment_value,
    estimates.part_dimension,
    estimates.part_value,
    estimates.effect,
    estimates.responses_before,
    estimates.responses_now,
    estimates.share_before,
    estimates.share_now,
    case
        when estimates.responses_before >= {{ var('minimum_responses') }} then estimates.nps_before
    end as part_nps_before,
    case when estimates.responses_now >= {{ var('minimum_responses') }} then estimates.nps_now end
        as part_nps_now,
    {{ when_reportable('estimates.whole_before') }} as previous_nps,
    {{ when_reportable('estimates.whole_now') }} as nps,
    {{ when_reportable('estimates.whole_now - estimates.whole_before') }} as nps_change,
    estimates.shown_points as points,
    estimates.standard_error,
    estimates.shown_points - {{ z95() }} * estimates.standard_error as lower,
    estimates.shown_points + {{ z95() }} * estimates.standard_error as upper,
    {{ money_of_points('estimates.shown_points') }} as revenue,
    {{ money_of_points('estimates.shown_points', 'estimates.standard_error', '-') }}
        as revenue_lower,
    {{ money_of_points('estimates.shown_points', 'estimates.standard_error', '+') }}
        as revenue_upper,
    'descriptive' as evidence,
    estimates.is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    coalesce(point_values.currency, {{ reporting_currency() }}) as currency
from estimates
left join {{ point_values() }} as point_values
    on
        estimates.segment_dimension = point_values.segment_dimension
        and estimates.segment_value = point_values.segment_value
        and estimates.survey_kind = 'relational'
        and estimates.score_scale = 'nps_0_10'
