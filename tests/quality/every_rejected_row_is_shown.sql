-- A dataset has as many rows in rejected_rows as landing_reconciliation counts.
with

shown as (

    select
        dataset,
        count(*) as rows_shown
    from {{ ref('rejected_rows') }}
    group by dataset

)

select
    counted.dataset,
    counted.rows_rejected,
    shown.rows_shown
from {{ ref('landing_reconciliation') }} as counted
full outer join shown
    on counted.dataset = shown.dataset
where counted.dataset is null or counted.rows_rejected <> coalesce(shown.rows_shown, 0)
