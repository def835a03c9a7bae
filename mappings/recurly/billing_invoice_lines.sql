-- One row per line item in its newest version. Amounts are decimals; `amount` is after discounts and
-- with tax, so subtotal less discount is taken.
-- Lines of failed and voided invoices are no revenue, nor is
-- what is carried forward from one invoice to the next.
with lines as (
    select *, from line_item_history
    qualify rank() over (partition by id order by utc(updated_at) desc) = 1
),

invoices as (
    select *, from invoice_history
    qualify row_number() over (partition by id order by utc(updated_at) desc) = 1
)

select
    lines.id as invoice_line_id,
    lines.invoice_id,
    lines.account_id as customer_id,
    lines.subscription_id,
    day_of(coalesce(invoices.created_at, lines.created_at)) as invoiced_on,
    day_of(lines.start_date) as service_from,
    case when day_of(lines.end_date) > day_of(lines.start_date) then day_of(lines.end_date) end
        as service_to,
    case
        when lines.type = 'credit' then 'credit_note'
        when lines.subscription_id is not null then 'recurring'
        else 'one_off'
    end as line_kind,
    coalesce(
        cast(
            try_cast(lines.subtotal as decimal(18, 2))
            - coalesce(try_cast(lines.discount as decimal(18, 2)), 0) as varchar
        ),
        lines.amount
    ) as amount,
    upper(lines.currency) as currency,
from lines
left join invoices on lines.invoice_id = invoices.id
where
    coalesce(lines.state, 'invoiced') = 'invoiced'
    and coalesce(lines.origin, '') <> 'carryforward'
    and coalesce(invoices.state, 'paid') not in ('failed', 'voided')
order by invoice_line_id
