with

figures as (

    select *
    from {{ ref('published_figures') }}
    where figure = 'revenue_per_point'

),

closes as (

    select *
    from {{ ref('stg_record__closes') }}
    where figure = 'revenue_per_point'

),

{{ restated_figures([]) }},

causes as (

    select
        before.since,
        before.period_start,
        before.part,
        {{ distinct_words('changes.causes') }} as causes
    from reported_before as before
    inner join figures as changes
        on
            before.period_start = changes.period_start
            and before.part = changes.part
            and before.run < changes.run
    group by before.since, before.period_start, before.part

)

select
    restated.period_start as reported_as_of,
    restated.since,
    restated.first_run,
    cast(restated.first_reported as decimal(18, 2)) as first_reported,
    restated.latest_run,
    cast(restated.now_reported as decimal(18, 2)) as now_reported,
    cast(restated.difference as decimal(18, 2)) as difference,
    coalesce(causes.causes, 'none') as causes,
    restated.definition,
    restated.currency
from restated
left join causes
    on
        restated.since = causes.since
        and restated.period_start = causes.period_start
        and restated.part = causes.part
