-- Lines of sales invoices (ACCREC) that were approved, net of tax, and approved credit notes to
-- customers. A date without a zone is the organisation's own day.
select
    invoice_line_item.line_item_id as invoice_line_id,
    invoice.invoice_id,
    invoice.contact_id as customer_id,
    day_of(invoice.date) as invoiced_on,
    'one_off' as line_kind,
    try_cast(invoice_line_item.line_amount as decimal(18, 2))
    - case
        when invoice.line_amount_types = 'Inclusive'
            then coalesce(try_cast(invoice_line_item.tax_amount as decimal(18, 2)), 0)
        else 0
    end as amount,
    invoice.currency_code as currency,
from invoice_line_item
inner join invoice on invoice_line_item.invoice_id = invoice.invoice_id
where
    coalesce(invoice.type, 'ACCREC') = 'ACCREC'
    and coalesce(invoice.status, 'AUTHORISED') in ('AUTHORISED', 'PAID')
union all
select
    credit_note_id,
    credit_note_id,
    contact_id,
    day_of(date),
    'credit_note',
    -abs(try_cast(sub_total as decimal(18, 2))),
    currency_code,
from credit_note
where type = 'ACCRECCREDIT' and status in ('AUTHORISED', 'PAID') and date is not null
order by invoice_line_id
