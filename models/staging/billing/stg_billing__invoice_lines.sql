{{ config(materialized='view') }}

select
    lines.invoice_line_id,
    lines.invoice_id,
    lines.customer_id,
    lines.subscription_id,
    lines.invoiced_on,
    lines.service_from,
    lines.service_to,
    lines.line_kind,
    case when signs.source_file is null then lines.amount else -lines.amount end as amount,
    lines.currency
from {{ ref('base_billing__invoice_lines') }} as lines
left join {{ ref('base_billing__credit_note_signs') }} as signs
    on {{ is_turned_line('lines', 'signs') }}
where lines.rejection_reasons is null
