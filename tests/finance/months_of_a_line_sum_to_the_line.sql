{% set rebuilt = {'column': 'customer_id', 'topic': 'billing_invoice_lines.customer_id'} %}
-- A line that is spread over several months is spread to the cent.
with

spread as (

    select
        invoice_line_id,
        sum(amount) as amount,
        sum(reporting_amount) as reporting_amount
    from {{ rows_to_test(ref('int_revenue_lines_spread'), rebuilt) }}
    group by invoice_line_id

)

select
    lines.invoice_line_id,
    lines.amount,
    spread.amount as amount_spread,
    lines.reporting_amount,
    spread.reporting_amount as reporting_amount_spread
from (
    select
        invoice_line_id,
        amount,
        reporting_amount
    from {{ rows_to_test(ref('int_revenue_lines'), rebuilt) }}
    where is_over_months
) as lines
full outer join spread
    on lines.invoice_line_id = spread.invoice_line_id
where
    lines.amount is distinct from spread.amount
    or lines.reporting_amount is distinct from spread.reporting_amount
