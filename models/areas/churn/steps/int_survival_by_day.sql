{# Who was at risk, left, entered or was last seen, by category, on every day since the answer on
   which anything happened in it or somebody left in any. At risk on a day: entered before it (or on
   day 0) and not gone before it. #}
with

subjects as (

    select * from {{ ref('int_survival_subjects') }}

),

days as (

    select
        category,
        day,
        sum(entered) as entered,
        sum(events) as events,
        sum(censored) as censored
    from (
        select
            category,
            entered_day as day,
            1 as entered,
            0 as events,
            0 as censored
        from subjects

        union all

        select
            category,
            left_day as day,
            0 as entered,
            case when has_churned then 1 else 0 end as events,
            case when has_churned then 0 else 1 end as censored
        from subjects

        union all

        select
            categories.category,
            event_days.day,
            0 as entered,
            0 as events,
            0 as censored
        from (select distinct category from subjects) as categories
        cross join (select distinct left_day as day from subjects where has_churned) as event_days
    ) as happenings
    group by category, day

)

select
    category,
    day,
    cast(entered as bigint) as entered,
    cast(events as bigint) as events,
    cast(censored as bigint) as censored,
    cast(
        sum(entered) over (
            partition by category order by day rows between unbounded preceding and current row
        )
        - case when day > 0 then entered else 0 end
        - coalesce(
            sum(events + censored) over (
                partition by category order by day rows between unbounded preceding and 1 preceding
            ),
            0
        ) as bigint
    ) as at_risk
from days
