{{ config(materialized='view') }}

select
    figure,
    period_start,
    part,
    row_key,
    content,
    is_counted,
    value,
    value_in_currency
from {{ source('record', 'figure_rows') }}
