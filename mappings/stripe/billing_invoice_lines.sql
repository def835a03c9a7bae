-- One row per line of an invoice that was issued (drafts and voided ones are not revenue), and one
-- per credit note. Amounts are in the currency's smallest unit. Tax stands on the invoice and is in
-- no line, so what is here is net, unless prices include tax. Refunds of payments are not revenue;
-- a credit note is. An invoice without a date of its own is dated by its period's end.
with invoices as (
    select
        *,
        day_of(coalesce(status_transitions_finalized_at, created, date, period_end_of_lines))
            as invoiced_on,
    from invoice
    left join (
        select invoice_id as lines_of, max(period_start) as period_end_of_lines,
        from invoice_line_item
        group by invoice_id
    ) on id = lines_of
)

select
    invoice_line_item.id || '-' || invoice_line_item.invoice_id as invoice_line_id,
    invoice_line_item.invoice_id,
    invoices.customer_id,
    coalesce(invoice_line_item.subscription_id, invoices.subscription_id) as subscription_id,
    invoices.invoiced_on,
    day_of(invoice_line_item.period_start) as service_from,
    case
        when day_of(invoice_line_item.period_end) > day_of(invoice_line_item.period_start)
            then day_of(invoice_line_item.period_end)
    end as service_to,
    case
        when invoice_line_item.type = 'subscription' or invoice_line_item.subscription_id is not null
            then 'recurring'
        else 'one_off'
    end as line_kind,
    from_minor(
        invoice_line_item.amount, coalesce(invoice_line_item.currency, invoices.currency)
    ) as amount,
    upper(coalesce(invoice_line_item.currency, invoices.currency)) as currency,
from invoice_line_item
left join invoices on invoice_line_item.invoice_id = invoices.id
where coalesce(invoices.status, 'paid') not in ('draft', 'void', 'deleted')
union all
select
    credit_note.id,
    credit_note.invoice_id,
    invoices.customer_id,
    invoices.subscription_id,
    day_of(credit_note.created),
    null,
    null,
    'credit_note',
    -from_minor(
        coalesce(credit_note.subtotal, credit_note.total),
        coalesce(credit_note.currency, invoices.currency)
    ),
    upper(coalesce(credit_note.currency, invoices.currency)),
from credit_note
left join invoices on credit_note.invoice_id = invoices.id
where coalesce(credit_note.status, 'issued') <> 'void'
order by invoice_line_id
