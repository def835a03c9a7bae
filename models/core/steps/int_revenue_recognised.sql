{# Revenue lines by month of service. Nearly every line lies within one month and is taken as it is.
   #}
{{ config(materialized='view') }}

select
    invoice_line_id,
    customer_id,
    invoiced_on,
    first_month as revenue_month,
    currency,
    line_kind,
    amount,
    reporting_amount,
    service_from is not null as is_dated
from {{ ref('int_revenue_lines') }}
where not is_over_months

union all

select
    invoice_line_id,
    customer_id,
    invoiced_on,
    revenue_month,
    currency,
    line_kind,
    amount,
    reporting_amount,
    true as is_dated
from {{ ref('int_revenue_lines_spread') }}
