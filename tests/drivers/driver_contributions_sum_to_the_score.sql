-- Intercept and drivers of a segment add up to its score, and their changes to the score's change.
with

groups as (

    select
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        sum(contribution) as total,
        sum(change) as change,
        sum(abs(contribution)) as size,
        max(nps_of_responses) as nps,
        min(nps_of_responses) as least_nps,
        sum(case when term = 'intercept' then 1 else 0 end) as intercepts,
        count(*) as terms,
        count(contribution) as known_terms,
        count(change) as changes
    from {{ ref('nps_driver_contributions') }}
    group by period_grain, period_start, segment_dimension, segment_value

),

compared as (

    select
        groups.*,
        groups.nps - previous.nps as nps_change
    from groups
    left join groups as previous
        on
            groups.period_grain = previous.period_grain
            and {{ previous_period('groups.period_grain', 'groups.period_start') }}
            = previous.period_start
            and groups.segment_dimension = previous.segment_dimension
            and groups.segment_value = previous.segment_value

)

select *
from compared
where
    intercepts <> 1
    or known_terms not in (0, terms)
    or changes not in (0, terms)
    or (known_terms > 0 and nps <> least_nps)
    or (known_terms > 0 and not coalesce(abs(total - nps) <= 1e-9 * size, false))
    or (changes > 0 and not coalesce(abs(change - nps_change) <= 1e-9 * size, false))
