-- One row per line, and of each invoice's `header` row what stands on no line: its discount and its
-- refund. Tax and the tool's own fees are no revenue and are left out. Lines count before tax.
with lines as (
    select
        *,
        day_of(created_at) as invoiced_on,
        coalesce(lower(header_status), 'paid') in ('draft', 'void', 'voided', 'failed', 'cancelled')
            as is_void,
    from line_item_enhanced
)

select
    header_id || '-' || coalesce(line_item_id, line_item_index) as invoice_line_id,
    header_id as invoice_id,
    customer_id,
    subscription_id,
    invoiced_on,
    day_of(subscription_period_started_at) as service_from,
    case
        when day_of(subscription_period_ended_at) > day_of(subscription_period_started_at)
            then day_of(subscription_period_ended_at)
    end as service_to,
    case when subscription_id is not null then 'recurring' else 'one_off' end as line_kind,
    try_cast(total_amount as decimal(18, 2))
    - coalesce(try_cast(discount_amount as decimal(18, 2)), 0) as amount,
    upper(currency) as currency,
from lines
where record_type = 'line_item' and not is_void
union all
select
    header_id || '-discount',
    header_id,
    customer_id,
    null,
    invoiced_on,
    null,
    null,
    'credit_note',
    -try_cast(discount_amount as decimal(18, 2)),
    upper(currency),
from lines
where record_type = 'header' and not is_void and try_cast(discount_amount as decimal(18, 2)) <> 0
union all
select
    header_id || '-refund',
    header_id,
    customer_id,
    null,
    invoiced_on,
    null,
    null,
    'credit_note',
    -abs(try_cast(refund_amount as decimal(18, 2))),
    upper(currency),
from lines
where record_type = 'header' and not is_void and try_cast(refund_amount as decimal(18, 2)) <> 0
order by invoice_line_id
