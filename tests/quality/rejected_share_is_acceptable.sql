-- Nothing is published when more of a dataset's rows are rejected than `max_rejected_share` allows.
select
    dataset,
    rows_read,
    rows_rejected,
    rejected_share,
    max_rejected_share
from {{ ref('landing_reconciliation') }}
where rejected_share > max_rejected_share
