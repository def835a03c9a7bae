{# Customers who were active at some time of a period, by segment. One with several spells in a
   period counts with the first of them. #}
with

spells as (

    select
        spells.customer_id,
        spells.started_on,
        {{ open_ended('spells.churned_on') }} as churned_on,
        coalesce(
            lag(spells.churned_on) over (
                partition by spells.customer_id order by spells.spell_number
            ),
            cast('1900-01-01' as date)
        ) as previous_churned_on,
        profiles.customer_cell
    from {{ ref('int_customer_spells') }} as spells
    inner join {{ ref('int_customer_profiles') }} as profiles
        on spells.customer_id = profiles.customer_id

),

days as (

    select dates.date_day
    from {{ ref('dim_dates') }} as dates
    cross join {{ ref('int_run_clock') }} as clock
    where dates.date_day <= clock.as_of

),

periods as (

    {% for grain in period_grains('date_day') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        max(date_day) as last_day
    from days
    group by {{ grain.start }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

cells as (

    select
        periods.period_grain,
        periods.period_start,
        spells.customer_cell,
        count(*) as customers
    from periods
    inner join spells
        on
            periods.last_day >= spells.started_on
            and periods.period_start < spells.churned_on
            and periods.period_start >= spells.previous_churned_on
    group by
        periods.period_grain,
        periods.period_start,
        spells.customer_cell

),

by_segments as (

    {{ by_segment('cells', ['period_grain', 'period_start', 'customers'], of=['customer']) }}

)

select
    period_grain,
    period_start,
    segment_dimension,
    segment_value,
    cast(sum(customers) as bigint) as customers
from by_segments
group by period_grain, period_start, segment_dimension, segment_value
