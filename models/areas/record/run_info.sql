with

facts as (

    {{ facts_of_this_run() }}

),

content_hashes as (

    {{ inputs_of_this_run() }}

),

all_facts as (

    select
        cast(fact_kind as string) as fact_kind,
        cast(fact as string) as fact,
        cast(fact_value as string) as fact_value,
        cast(null as bigint) as rows_read,
        cast(null as date) as valid_since,
        cast(note as string) as note
    from facts

    union all

    select
        'run' as fact_kind,
        'as_of' as fact,
        cast(as_of as string) as fact_value,
        cast(null as bigint) as rows_read,
        cast(null as date) as valid_since,
        'the day the figures are as of' as note
    from {{ ref('int_run_clock') }}

    union all

    select
        'input' as fact_kind,
        files.source_file as fact,
        content_hashes.content_hash as fact_value,
        cast(files.rows_read as bigint) as rows_read,
        cast(null as date) as valid_since,
        files.dataset as note
    from {{ source('landing_log', 'loaded_files') }} as files
    left join content_hashes
        on files.source_file = content_hashes.source_file

    union all

    select
        'definition' as fact_kind,
        figure as fact,
        definition as fact_value,
        cast(null as bigint) as rows_read,
        valid_since,
        concat_ws(
            '; ',
            name,
            'first published so in run ' || first_run,
            'fingerprint ' || fingerprint
        ) as note
    from {{ ref('int_figure_definitions') }}

)

select
    fact_kind,
    fact,
    fact_value,
    rows_read,
    valid_since,
    note
from all_facts
