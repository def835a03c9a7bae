with

{# What is left out of the strata, by the name of the estimate made without it. #}
omissions as (

    select
        'adjusted' as adjustment,
        'nothing' as left_out
    {%- for column in var('strata') %}

    union all

    select
        'without_{{ column }}' as adjustment,
        '{{ column }}' as left_out
    {%- endfor %}

),

estimates as (

    select
        estimates.*,
        omissions.left_out,
        bases.monthly_baseline_revenue,
        cast(estimates.customers - estimates.strata - 1 as double) as degrees_of_freedom
    from {{ ref('int_point_estimates') }} as estimates
    inner join omissions
        on estimates.adjustment = omissions.adjustment
    inner join {{ ref('int_point_bases') }} as bases
        on
            estimates.segment_dimension = bases.segment_dimension
            and estimates.segment_value = bases.segment_value
            and bases.base = 'active_customers'
    where estimates.segment_dimension in ('all', 'client_id')

),

compared as (

    select
        estimates.*,
        whole.total as total_of_all_strata,
        whole.is_reportable as is_whole_reportable,
        {# Half of what the answer explains beside the strata, as a ratio of explained to left. #}
        case
            when estimates.degrees_of_freedom > 0
                then 0.5
                    * abs({{ safe_ratio('estimates.total', 'estimates.total_standard_error') }})
                    / sqrt(estimates.degrees_of_freedom)
        end as half_the_strength
    from estimates
    inner join estimates as whole
        on
            estimates.segment_dimension = whole.segment_dimension
            and estimates.segment_value = whole.segment_value
            and whole.left_out = 'nothing'

),

in_money as (

    select
        *,
        {{ point_value('total') }} as revenue_per_point,
        {{ point_value('total_standard_error') }} as standard_error,
        {{ point_margin('total_standard_error') }} as margin,
        {{ point_value('total_of_all_strata', 'is_whole_reportable') }} as value_of_all_strata
    from compared

)

select
    segment_dimension,
    segment_value,
    left_out,
    cast(coalesce(customers, 0) as bigint) as customers,
    cast(coalesce(strata, 0) as bigint) as strata,
    revenue_per_point,
    standard_error,
    {{ bounds('revenue_per_point', 'margin', 'lower', 'upper') }},
    cast(revenue_per_point - value_of_all_strata as decimal(18, 2)) as change,
    {{ safe_ratio('revenue_per_point - value_of_all_strata', 'value_of_all_strata') }}
        as change_share,
    abs({{ safe_ratio('0.5 * value_of_all_strata', 'revenue_per_point - value_of_all_strata') }})
        as times_to_halve,
    case
        when is_reportable
            then 0.5 * (
                sqrt(power(half_the_strength, 4) + 4 * power(half_the_strength, 2))
                - power(half_the_strength, 2)
            )
    end as hidden_cause_to_halve,
    'adjusted' as evidence,
    is_reportable,
    {{ reporting_currency() }} as currency
from in_money
