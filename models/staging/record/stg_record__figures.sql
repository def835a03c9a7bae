{{ config(materialized='view') }}

select
    run,
    cast(as_of as date) as as_of,
    figure,
    cast(period_start as date) as period_start,
    part,
    cast(is_first as boolean) as is_first,
    cast(value as decimal(28, 6)) as value,
    cast(value_in_currency as decimal(28, 6)) as value_in_currency,
    cast(difference as decimal(28, 6)) as difference,
    {%- for name in restatement_classes() %}
    cast({{ name }} as decimal(28, 6)) as {{ name }},
    {%- endfor %}
    cast(unclassified as decimal(28, 6)) as unclassified,
    causes,
    definition,
    unit,
    currency
from {{ source('record', 'figures') }}
