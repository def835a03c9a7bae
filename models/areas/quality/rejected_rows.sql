{# Rows that could be read but not accepted, with their text from the landing, and lines that could
   not be read at all. Personal fields are masked; of a row whose fields cannot be told apart, or
   that names a customer who asked to be erased, all text is. #}
with

judged as (

    {% for name, checked in checked_datasets().items() %}
    select
        '{{ name }}' as dataset,
        rejected.source_file,
        rejected.source_row,
        rejected.rejection_reasons as reasons,
        {{ raw_text(name, 'landed') }} as landed_text,
        {{ raw_text(name, 'landed') }} as raw_text
    from {{ ref(checked) }} as rejected
    inner join {{ source('landing', name) }} as landed
        on
            rejected.source_file = landed.source_file
            and rejected.source_row = landed.source_row
    where rejected.rejection_reasons is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {% endfor %}

),

malformed as (

    select
        dataset,
        source_file,
        source_row,
        'malformed_row' as reasons,
        raw_text as landed_text,
        case
            when dataset in ({{ personal_datasets() }})
                then
                    '[masked: '
                    || cast(length(raw_text) as {{ dbt.type_string() }})
                    || ' characters]'
            else raw_text
        end as raw_text
    from {{ source('landing_log', 'malformed_rows') }}

),

rejected as (

    select
        dataset,
        source_file,
        source_row,
        reasons,
        landed_text,
        raw_text
    from judged

    union all

    select
        dataset,
        source_file,
        source_row,
        reasons,
        landed_text,
        raw_text
    from malformed

),

erased as (

    select {{ customer_number('customer_id', 'client_id') }} as customer_number
    from {{ ref('stg_privacy__erasure_requests') }}

),

naming_an_erased_customer as (

    select distinct
        rejected.dataset,
        rejected.source_file,
        rejected.source_row
    from rejected
    inner join erased
        on {{ holds_word('rejected.landed_text', 'erased.customer_number') }}

)

select
    rejected.dataset,
    rejected.source_file,
    rejected.source_row,
    rejected.reasons,
    case when erased.dataset is null then rejected.raw_text else '[erased]' end as raw_text
from rejected
left join naming_an_erased_customer as erased
    on
        rejected.dataset = erased.dataset
        and rejected.source_file = erased.source_file
        and rejected.source_row = erased.source_row
