-- One row per line of the sheet; none is dropped.
-- The sheet has no line number and 6,865 of its lines repeat another one in every column. They are
-- sales (the same article scanned twice) until shown otherwise, so each line is numbered within its
-- invoice in file order. The number restarts in each file: days that two sheets have in common get
-- the same keys and are rejected as exact_duplicate instead of being counted twice.
select
    Invoice || '-' || row_number() over (
        partition by filename, Invoice order by file_row_number
    ) as invoice_line_id,
    Invoice as invoice_id,
    -- A fifth of the lines names no customer: left empty, so that they are rejected as
    -- missing_customer_id and their amount stays accounted for in the reconciliation.
    cast(cast("Customer ID" as bigint) as varchar) as customer_id, -- stored as 13085.0
    cast(cast(InvoiceDate as timestamp) as date) as invoiced_on, -- stored as text
    case
        when starts_with(Invoice, 'C') then 'credit_note' -- quantities are negative there
        when starts_with(Invoice, 'A') then 'bad_debt'
        else 'one_off'
    end as line_kind,
    -- Prices have two decimals but for 14 lines at 0.001, which come to 0.00. Decimals, as cents
    -- must add up. Lines at price 0 stay: 31 free articles of known customers, and stock movements
    -- without a customer (all the negative quantities outside credit notes are among them).
    cast(round(Quantity * cast(Price as decimal(18, 4)), 2) as decimal(18, 2)) as amount,
    'GBP' as currency,
from read_parquet(source_file('online_retail_*.parquet'), file_row_number = true, filename = true)
order by filename, file_row_number
