-- One row per customer number found on an invoice; the sheet has no customer list.
-- customer_type stays empty: wholesalers and consumers are not told apart.
select
    cast(cast("Customer ID" as bigint) as varchar) as customer_id,
    -- The country of the latest invoice, for the few with several.
    arg_max(Country, (InvoiceDate, Invoice)) as region,
    -- The sheet begins in December 2009: customers of its first months may be older than this.
    min(cast(cast(InvoiceDate as timestamp) as date)) as acquired_on,
from read_parquet(source_file('online_retail_*.parquet'))
where "Customer ID" is not null
group by customer_id
order by customer_id
