with

initiatives as (

    select
        initiatives.initiative_id,
        initiatives.name,
        initiatives.started_on,
        initiatives.ended_on,
        cast({{ converted('initiatives.cost', 'rates.rate_to_reporting') }} as double) as cost
    from {{ ref('stg_finance__initiatives') }} as initiatives
    inner join {{ ref('int_exchange_rates_ranged') }} as rates
        on
            initiatives.currency = rates.currency
            and initiatives.started_on >= rates.valid_from
            and initiatives.started_on < {{ open_ended('rates.valid_to') }}

),

{# Points that go with one rating better, of all answers there are. #}
slopes as (

    select
        driver,
        slope,
        standard_error as slope_standard_error,
        row_number() over (partition by driver order by responses desc, top_rating asc) as place
    from {{ ref('nps_drivers') }}
    where
        period_grain = 'all_time'
        and segment_dimension = 'all'
        and is_included

),

values_per_point as (

    select
        value_of_a_point,
        value_standard_error
    from {{ point_values() }} as point_values
    where segment_dimension = 'all'

),

{# How much of the value has come by each month. #}
months as (

    select
        k,
        {{ safe_ratio(
            'sum(slope) over (order by k rows between unbounded preceding and current row)',
            'sum(slope) over ()'
        ) }} as share_by_then
    from {{ ref('revenue_per_point_by_month') }}
    where segment_dimension = 'all'

),

effects as (

    select
        effects.*,
        initiatives.name,
        initiatives.started_on,
        initiatives.ended_on,
        initiatives.cost,
        slopes.slope * effects.scale_range as slope,
        slopes.slope_standard_error * effects.scale_range as slope_standard_error,
        values_per_point.value_of_a_point,
        values_per_point.value_standard_error,
        effects.answers_before >= {{ var('minimum_responses') }}
        and effects.answers_after >= {{ var('minimum_responses') }} as is_reportable
    from {{ ref('int_initiative_effects') }} as effects
    inner join initiatives
        on effects.initiative_id = initiatives.initiative_id
    left join slopes
        on
            effects.measured = slopes.driver
            and effects.measured_by = 'driver'
            and slopes.place = 1
    left join values_per_point
        on effects.measured_by = 'driver'

),

{# Points of contacts are no points of the relation, and have no price. #}
points as (

    select
        *,
        case when measured_by = 'driver' then change * slope else change end as points,
        case
            when measured_by = 'driver'
                then sqrt(
                    power(change * slope_standard_error, 2) + power(slope * standard_error, 2)
                )
            else standard_error
        end as points_standard_error
    from effects

),

revenue as (

    select
        *,
        {{ revenue_of_points('points') }} as revenue,
        {{ z95() }} * {{ revenue_of_points_standard_error('points', 'points_standard_error') }}
            as margin
    from points

),

{# The first month by which the revenue has come to the cost; none within the horizon, none at
   all. #}
paybacks as (

    select
        revenue.initiative_id,
        revenue.measured_by,
        {% for name, amount in [
            ('payback_months', 'revenue.revenue'),
            ('payback_months_lower', '(revenue.revenue + revenue.margin)'),
            ('payback_months_upper', '(revenue.revenue - revenue.margin)'),
        ] -%}
        min(case when {{ amount }} * months.share_by_then >= revenue.cost then months.k end)
            as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from revenue
    cross join months
    group by revenue.initiative_id, revenue.measured_by

)

select
    revenue.initiative_id,
    revenue.measured_by,
    revenue.measured,
    revenue.name,
    revenue.started_on,
    revenue.ended_on,
    {{ money('revenue.cost') }} as cost,
    cast(revenue.customers as bigint) as customers,
    cast(revenue.answers_before as bigint) as answers_before,
    cast(revenue.answers_after as bigint) as answers_after,
    {% for name in [
        'mean_before', 'mean_after', 'others_mean_before', 'others_mean_after', 'change'
    ] -%}
    case when revenue.is_reportable then revenue.{{ name }} end as {{ name }},
    {% endfor -%}
    case when revenue.is_reportable then revenue.standard_error end as change_standard_error,
    case when revenue.is_reportable then revenue.change - {{ z95() }} * revenue.standard_error end
        as change_lower,
    case when revenue.is_reportable then revenue.change + {{ z95() }} * revenue.standard_error end
        as change_upper,
    case when revenue.is_reportable then revenue.points end as points,
    case
        when revenue.is_reportable
            then revenue.points - {{ z95() }} * revenue.points_standard_error
    end as points_lower,
    case
        when revenue.is_reportable
            then revenue.points + {{ z95() }} * revenue.points_standard_error
    end as points_upper,
    case when revenue.is_reportable then {{ money('revenue.revenue') }} end as revenue,
    case when revenue.is_reportable then {{ money('revenue.revenue - revenue.margin') }} end
        as revenue_lower,
    case when revenue.is_reportable then {{ money('revenue.revenue + revenue.margin') }} end
        as revenue_upper,
    case when revenue.is_reportable then {{ money('revenue.revenue - revenue.cost') }} end
        as net_value,
    case
        when revenue.is_reportable
            then {{ money('revenue.revenue - revenue.margin - revenue.cost') }}
    end as net_value_lower,
    case
        when revenue.is_reportable
            then {{ money('revenue.revenue + revenue.margin - revenue.cost') }}
    end as net_value_upper,
    case when revenue.is_reportable then {{ safe_ratio('revenue.revenue', 'revenue.cost') }} end
        as revenue_to_cost,
    case when revenue.is_reportable then cast(paybacks.payback_months as int) end
        as payback_months,
    case when revenue.is_reportable then cast(paybacks.payback_months_lower as int) end
        as payback_months_lower,
    case when revenue.is_reportable then cast(paybacks.payback_months_upper as int) end
        as payback_months_upper,
    case
        when not revenue.is_reportable then null
        when revenue.revenue - revenue.margin > revenue.cost then true
        when revenue.revenue + revenue.margin < revenue.cost then false
    end as pays_back,
    {{ var('horizon_months') }} as horizon_months,
    case when revenue.has_others then 'adjusted' else 'descriptive' end as evidence,
    revenue.is_reportable,
    {{ reporting_currency() }} as currency
from revenue
left join paybacks
    on
        revenue.initiative_id = paybacks.initiative_id
        and revenue.measured_by = paybacks.measured_by
