with

estimates as (

    select * from {{ ref('int_verbatim_estimates') }}

),

{# A point is worth what revenue_per_point says for the score it was measured on: relational NPS. #}
valued as (

    select
        estimates.*,
        {{ revenue_of_points('estimates.points') }} as revenue_of_points,
        {{ revenue_of_points_standard_error(
            'estimates.points', 'estimates.points_standard_error'
        ) }} as revenue_of_points_standard_error
    from estimates
    left join {{ point_values() }} as point_values
        on
            estimates.segment_dimension = point_values.segment_dimension
            and estimates.segment_value = point_values.segment_value
            and estimates.survey_kind = 'relational'
            and estimates.score_scale = 'nps_0_10'

)

select
    valued.period_grain,
    valued.period_start,
    valued.survey_kind,
    valued.score_scale,
    valued.segment_dimension,
    valued.segment_value,
    valued.theme,
    totals.responses,
    valued.texts,
    valued.mentions,
    valued.customers,
    valued.promoters,
    valued.mentions - valued.promoters - valued.detractors as passives,
    valued.detractors,
    case when valued.is_share_reportable then valued.share end as share,
    case
        when valued.is_share_reportable
            then {{ wilson_bound(
                'valued.share * valued.effective_texts', 'valued.effective_texts', '-'
            ) }}
    end as share_lower,
    case
        when valued.is_share_reportable
            then {{ wilson_bound(
                'valued.share * valued.effective_texts', 'valued.effective_texts', '+'
            ) }}
    end as share_upper,
    case when valued.is_reportable then valued.nps end as nps,
    case when valued.is_reportable then valued.standard_error end as standard_error,
    case
        when valued.is_reportable
            then greatest(-100, valued.adjusted_nps - {{ z95() }} * valued.standard_error)
    end as lower,
    case
        when valued.is_reportable
            then least(100, valued.adjusted_nps + {{ z95() }} * valued.standard_error)
    end as upper,
    case when valued.is_comparable then valued.difference end as difference,
    case when valued.is_comparable then valued.difference_standard_error end
        as difference_standard_error,
    case
        when valued.is_comparable
            then valued.difference - {{ z95() }} * valued.difference_standard_error
    end as difference_lower,
    case
        when valued.is_comparable
            then valued.difference + {{ z95() }} * valued.difference_standard_error
    end as difference_upper,
    case when valued.is_comparable then valued.points end as points,
    case when valued.is_comparable then valued.points_standard_error end as points_standard_error,
    case
        when valued.is_comparable
            then valued.points - {{ z95() }} * valued.points_standard_error
    end as points_lower,
    case
        when valued.is_comparable
            then valued.points + {{ z95() }} * valued.points_standard_error
    end as points_upper,
    valued.revenue as revenue_of_customers,
    {%- for estimate, shift in [
        ('revenue_of_points', ''),
        ('revenue_of_points_standard_error', none),
        ('revenue_of_points_lower', '-'),
        ('revenue_of_points_upper', '+'),
    ] %}
    cast(case
        when valued.is_comparable
            then
                {%- if shift is none %} valued.revenue_of_points_standard_error
                {%- elif shift %} valued.revenue_of_points
                {{ shift }} {{ z95() }} * valued.revenue_of_points_standard_error
                {%- else %} valued.revenue_of_points
                {%- endif %}
    end as decimal(18, 2)) as {{ estimate }},
    {%- endfor %}
    changes.previous_share,
    changes.share_change,
    changes.p_value,
    changes.q_value,
    changes.q_value < 0.05 as is_significant,
    'descriptive' as evidence,
    valued.is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    {{ reporting_currency() }} as currency
from valued
inner join {{ ref('nps_by_segment') }} as totals
    on
        valued.period_grain = totals.period_grain
        and valued.period_start = totals.period_start
        and valued.survey_kind = totals.survey_kind
        and valued.score_scale = totals.score_scale
        and valued.segment_dimension = totals.segment_dimension
        and valued.segment_value = totals.segment_value
left join {{ ref('int_verbatim_changes') }} as changes
    on
        valued.period_grain = changes.period_grain
        and valued.period_start = changes.period_start
        and valued.survey_kind = changes.survey_kind
        and valued.score_scale = changes.score_scale
        and valued.segment_dimension = changes.segment_dimension
        and valued.segment_value = changes.segment_value
        and valued.theme = changes.theme
