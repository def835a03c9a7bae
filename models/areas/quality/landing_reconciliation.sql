with

files_read as (

    select
        dataset,
        sum(rows_read) as rows_read
    from {{ source('landing_log', 'loaded_files') }}
    group by dataset

),

malformed as (

    select
        dataset,
        count(*) as rows_malformed
    from {{ source('landing_log', 'malformed_rows') }}
    group by dataset

),

judged as (

    {% for name, checked in checked_datasets().items() %}
    select
        '{{ name }}' as dataset,
        sum(case when rejection_reasons is null then 1 else 0 end) as rows_accepted,
        sum(case when rejection_reasons is null then 0 else 1 end) as rows_rejected
    from {{ ref(checked) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {% endfor %}

),

counts as (

    select
        judged.dataset,
        coalesce(files_read.rows_read, 0) as rows_read,
        coalesce(judged.rows_accepted, 0) as rows_accepted,
        coalesce(judged.rows_rejected, 0) + coalesce(malformed.rows_malformed, 0) as rows_rejected,
        absent.dataset is not null as is_absent
    from judged
    left join files_read
        on judged.dataset = files_read.dataset
    left join malformed
        on judged.dataset = malformed.dataset
    left join {{ source('landing_log', 'absent_datasets') }} as absent
        on judged.dataset = absent.dataset

)

select
    dataset,
    cast(rows_read as bigint) as rows_read,
    cast(rows_accepted as bigint) as rows_accepted,
    cast(rows_rejected as bigint) as rows_rejected,
    cast(rows_read - rows_accepted - rows_rejected as bigint) as difference,
    {{ safe_ratio('rows_rejected', 'rows_read') }} as rejected_share,
    cast({{ max_rejected_share('dataset') }} as double) as max_rejected_share,
    is_absent
from counts
