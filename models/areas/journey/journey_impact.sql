with

differences as (

    select
        *,
        supported_customers >= {{ var('minimum_responses') }}
        and supported_unexposed_customers >= {{ var('minimum_responses') }}
        {# Where nobody differs there is nothing to judge a difference by. #}
        and coalesce(variance > 1e-6, false) as is_reportable
    from {{ ref('int_journey_differences') }}

),

estimates as (

    select
        *,
        {{ when_reportable('sqrt(variance)') }} as standard_error,
        {{ when_reportable('difference / sqrt(variance)') }} as z,
        {{ when_reportable('-exposed_share * difference') }} as points_lost,
        {# The share is an estimate too; it is independent of the difference. #}
        {{ when_reportable(
            'sqrt(exposed_share * exposed_share * variance'
            ~ ' + difference * difference * exposed_share * (1 - exposed_share) / customers)'
        ) }} as points_lost_standard_error
    from differences

),

tested as (

    select
        *,
        {{ two_sided_p('z') }} as p_value
    from estimates

),

stepped as (

    select
        *,
        {{ benjamini_hochberg_step('p_value', journey_family(), journey_member()) }}
    from tested

),

corrected as (

    select
        *,
        {{ benjamini_hochberg('p_value', journey_family(), journey_member()) }} as q_value
    from stepped

),

{# A point of another score than the relational NPS has no value in money. #}
valued as (

    select
        corrected.*,
        point_values.value_of_a_point,
        point_values.value_standard_error
    from corrected
    inner join {{ ref('score_scales') }} as scales
        on corrected.score_scale = scales.scale
    left join {{ point_values() }} as point_values
        on
            corrected.segment_dimension = point_values.segment_dimension
            and corrected.segment_value = point_values.segment_value
            and corrected.survey_kind = 'relational'
            and scales.is_nps

),

in_money as (

    select
        *,
        {{ revenue_of_points('points_lost') }} as revenue_lost,
        {{ revenue_of_points_standard_error('points_lost', 'points_lost_standard_error') }}
            as revenue_lost_standard_error
    from valued

)

select
    in_money.survey_kind,
    in_money.score_scale,
    in_money.segment_dimension,
    in_money.segment_value,
    in_money.journey_stage,
    in_money.exposure,
    stages.stage_label,
    stages.stage_order,
    stages.journey_phase,
    {{ var('exposure_days') }} as exposure_days,
    in_money.customers,
    in_money.exposed_customers,
    in_money.exposed_share,
    {{ safe_ratio('in_money.supported_customers', 'in_money.exposed_customers') }}
        as supported_share,
    {{ when_reportable('in_money.exposed_nps') }} as exposed_nps,
    {{ when_reportable('in_money.unexposed_nps') }} as unexposed_nps,
    {{ when_reportable('in_money.unadjusted_difference') }} as unadjusted_difference,
    {{ when_reportable('in_money.difference') }} as difference,
    in_money.standard_error,
    in_money.difference - {{ z95() }} * in_money.standard_error as lower,
    in_money.difference + {{ z95() }} * in_money.standard_error as upper,
    in_money.p_value,
    in_money.q_value,
    in_money.q_value < 0.05 as is_significant,
    in_money.points_lost,
    in_money.points_lost_standard_error,
    in_money.points_lost - {{ z95() }} * in_money.points_lost_standard_error as points_lost_lower,
    in_money.points_lost + {{ z95() }} * in_money.points_lost_standard_error as points_lost_upper,
    {{ money('in_money.revenue_lost') }} as revenue_lost,
    {{ money('in_money.revenue_lost_standard_error') }} as revenue_lost_standard_error,
    {{ money('in_money.revenue_lost - ' ~ z95() ~ ' * in_money.revenue_lost_standard_error') }}
        as revenue_lost_lower,
    {{ money('in_money.revenue_lost + ' ~ z95() ~ ' * in_money.revenue_lost_standard_error') }}
        as revenue_lost_upper,
    {{ var('horizon_months') }} as horizon_months,
    {{ reporting_currency() }} as currency,
    'adjusted' as evidence,
    in_money.is_reportable
from in_money
inner join {{ ref('int_journey_stages') }} as stages
    on in_money.journey_stage = stages.journey_stage
