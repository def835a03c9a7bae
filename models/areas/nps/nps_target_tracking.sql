with

periods as (

    select
        period_grain,
        period_start,
        {{ quarter_number(add_days(period_end('period_grain', 'period_start'), -1)) }}
            as quarter_number,
        segment_dimension,
        segment_value,
        responses,
        nps,
        standard_error,
        lower,
        upper,
        is_reportable
    from {{ ref('nps_by_segment') }}
    where
        period_grain in ('quarter', 'year')
        and survey_kind = 'relational'
        and score_scale = 'nps_0_10'
        and segment_dimension in ('all', 'client_id')

),

{# The path to the first target begins at the first quarter that can be reported. #}
ranked_quarters as (

    select
        *,
        row_number() over (
            partition by segment_dimension, segment_value order by period_start
        ) as quarter
    from periods
    where period_grain = 'quarter' and is_reportable

),

{# A year has the pace of the last of its quarters that has one. #}
latest_paces as (

    select
        periods.period_grain,
        periods.period_start,
        paces.*,
        row_number() over (
            partition by
                periods.period_grain,
                periods.period_start,
                periods.segment_dimension,
                periods.segment_value
            order by paces.quarter_number desc
        ) as from_the_end
    from periods
    inner join {{ ref('int_nps_paces') }} as paces
        on
            periods.segment_dimension = paces.segment_dimension
            and periods.segment_value = paces.segment_value
            and paces.quarter_number <= periods.quarter_number
            and paces.quarter_number > periods.quarter_number
            - case when periods.period_grain = 'year' then 4 else 1 end

),

aimed as (

    select
        periods.*,
        targets.reached_on,
        targets.target_nps,
        targets.target_quarter,
        targets.target_quarter - periods.quarter_number as quarters_to_target,
        case
            when targets.previous_quarter >= first_quarters.quarter_number
                then targets.previous_quarter
            else first_quarters.quarter_number
        end as path_quarter,
        case
            when targets.previous_quarter >= first_quarters.quarter_number
                then targets.previous_target_nps
            else first_quarters.nps
        end as path_start_nps
    from periods
    left join {{ ref('int_nps_targets') }} as targets
        on
            periods.segment_dimension = targets.segment_dimension
            and periods.segment_value = targets.segment_value
            and (periods.quarter_number <= targets.target_quarter or targets.is_last)
            and periods.quarter_number > coalesce(targets.previous_quarter, -1)
    left join ranked_quarters as first_quarters
        on
            periods.segment_dimension = first_quarters.segment_dimension
            and periods.segment_value = first_quarters.segment_value
            and first_quarters.quarter = 1

),

{# Once the day of the target has come, the score itself says whether it was reached. #}
projected as (

    select
        aimed.*,
        paces.quarters as recent_quarters,
        paces.pace,
        sqrt(1 / paces.spread) as pace_standard_error,
        case
            when aimed.quarters_to_target <= 0 then aimed.nps
            when aimed.is_reportable
                then paces.mean_nps + paces.pace * (aimed.target_quarter - paces.mean_quarter)
        end as projected_nps,
        case
            when aimed.quarters_to_target <= 0 then aimed.standard_error
            when aimed.is_reportable
                then sqrt(
                    1 / paces.weight
                    + power(aimed.target_quarter - paces.mean_quarter, 2) / paces.spread
                )
        end as projected_standard_error,
        case
            when aimed.quarters_to_target <= 0 then aimed.target_nps
            when aimed.quarter_number >= aimed.path_quarter
                then aimed.path_start_nps
                    + (aimed.target_nps - aimed.path_start_nps)
                    * {{ safe_ratio(
                        'aimed.quarter_number - aimed.path_quarter',
                        'aimed.target_quarter - aimed.path_quarter'
                    ) }}
        end as path_nps,
        aimed.target_nps - aimed.nps as gap
    from aimed
    left join latest_paces as paces
        on
            aimed.period_grain = paces.period_grain
            and aimed.period_start = paces.period_start
            and aimed.segment_dimension = paces.segment_dimension
            and aimed.segment_value = paces.segment_value
            and paces.from_the_end = 1

),

judged as (

    select
        *,
        projected_nps - {{ z95() }} * projected_standard_error as projected_lower,
        projected_nps + {{ z95() }} * projected_standard_error as projected_upper,
        (projected_nps - target_nps) / projected_standard_error as z,
        {{ two_sided_p('((projected_nps - target_nps) / projected_standard_error)') }} as tails,
        case when gap > 0 then gap when gap <= 0 then 0.0 end as points_at_stake,
        case when gap > 0 then standard_error when gap <= 0 then 0.0 end as stake_standard_error
    from projected

)

select
    judged.period_grain,
    judged.period_start,
    judged.segment_dimension,
    judged.segment_value,
    {{ period_end('judged.period_grain', 'judged.period_start') }}
    <= {{ add_days('clock.as_of', 1) }} as is_complete,
    judged.responses,
    judged.nps,
    judged.standard_error,
    judged.lower,
    judged.upper,
    judged.reached_on,
    judged.target_nps as target,
    judged.path_nps,
    judged.path_nps - judged.nps as path_gap,
    judged.gap,
    judged.quarters_to_target,
    case when judged.quarters_to_target > 0 then judged.gap / judged.quarters_to_target end
        as required_pace,
    cast(judged.recent_quarters as bigint) as recent_quarters,
    judged.pace as recent_pace,
    judged.pace_standard_error as recent_pace_standard_error,
    judged.pace - {{ z95() }} * judged.pace_standard_error as recent_pace_lower,
    judged.pace + {{ z95() }} * judged.pace_standard_error as recent_pace_upper,
    {{ on_the_scale('judged.projected_nps') }} as projected_nps,
    {{ on_the_scale('judged.projected_lower') }} as projected_lower,
    {{ on_the_scale('judged.projected_upper') }} as projected_upper,
    case when judged.z < 0 then judged.tails / 2 when judged.z >= 0 then 1 - judged.tails / 2 end
        as on_track_probability,
    case
        when judged.quarters_to_target <= 0 then judged.nps >= judged.target_nps
        when judged.projected_lower >= judged.target_nps then true
        when judged.projected_upper < judged.target_nps then false
    end as on_track,
    {{ money_of_points('judged.points_at_stake') }} as revenue_at_stake,
    {{ money_of_points('judged.points_at_stake', 'judged.stake_standard_error', '-') }}
        as revenue_at_stake_lower,
    {{ money_of_points('judged.points_at_stake', 'judged.stake_standard_error', '+') }}
        as revenue_at_stake_upper,
    'descriptive' as evidence,
    judged.is_reportable,
    {{ var('horizon_months') }} as horizon_months,
    coalesce(point_values.currency, {{ reporting_currency() }}) as currency
from judged
cross join {{ ref('int_run_clock') }} as clock
left join {{ point_values() }} as point_values
    on
        judged.segment_dimension = point_values.segment_dimension
        and judged.segment_value = point_values.segment_value
