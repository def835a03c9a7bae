{# Customers of a cohort that won or answered in one month, still (or again) there at the start of
   each complete month since. Everybody is there in month 0. #}
with

cohorts as (

    select
        members.cohort_kind,
        members.cohort,
        members.cohort_month,
        count(*) as customers,
        sum(members.opening_revenue) as opening_revenue
    from {{ ref('int_cohort_members') }} as members
    group by members.cohort_kind, members.cohort, members.cohort_month

),

grid as (

    select
        cohorts.*,
        {{ each_number(
            month_number('clock.last_complete_month') ~ ' - ' ~ month_number('cohorts.cohort_month')
        ) }} as months_since
    from cohorts
    cross join {{ ref('int_run_clock') }} as clock

),

spells as (

    select
        members.cohort_kind,
        members.cohort,
        members.cohort_month,
        {{ first_month_start_since('spells.started_on') }}
        - {{ month_number('members.cohort_month') }}
            as returned,
        {{ first_month_start_since('spells.churned_on') }}
        - {{ month_number('members.cohort_month') }}
            as gone
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('int_customer_spells') }} as spells
        on members.customer_id = spells.customer_id

),

{# A spell that began in or before month 0 is there from the start; one over by then does not count.
   #}
changes as (

    select
        cohort_kind,
        cohort,
        cohort_month,
        case when returned <= 1 then 0 else returned end as months_since,
        1 as change
    from spells
    where gone > 0 or gone is null

    union all

    select
        cohort_kind,
        cohort,
        cohort_month,
        gone as months_since,
        -1 as change
    from spells
    where gone > 0

),

changes_by_month as (

    select
        cohort_kind,
        cohort,
        cohort_month,
        months_since,
        sum(change) as change
    from changes
    group by cohort_kind, cohort, cohort_month, months_since

)

select
    grid.cohort_kind,
    grid.cohort,
    grid.cohort_month,
    grid.months_since,
    grid.customers,
    grid.opening_revenue,
    sum(coalesce(changes_by_month.change, 0)) over (
        partition by grid.cohort_kind, grid.cohort, grid.cohort_month
        order by grid.months_since
        rows between unbounded preceding and current row
    ) as retained
from grid
left join changes_by_month
    on
        grid.cohort_kind = changes_by_month.cohort_kind
        and grid.cohort = changes_by_month.cohort
        and grid.cohort_month = changes_by_month.cohort_month
        and grid.months_since = changes_by_month.months_since
