-- Two rows per item sold, its price and its freight, which is what the buyer paid the marketplace
-- (gross of the sellers' share). Payments are no source of lines: they are instalments and
-- vouchers of the same money, and carry interest; they agree with the items but for cents.
-- Orders cancelled before delivery were not earned and their refunds are not in the export:
-- their items are left out (support_interactions keeps the order).
with items as (
    select
        items.order_id,
        items.order_item_id,
        customers.customer_unique_id as customer_id,
        cast(orders.order_purchase_timestamp as date) as invoiced_on,
        cast(items.price as decimal(18, 2)) as price,
        cast(items.freight_value as decimal(18, 2)) as freight,
    from source_csv('olist_order_items_dataset.csv') as items
    left join source_csv('olist_orders_dataset.csv') as orders using (order_id)
    left join source_csv('olist_customers_dataset.csv') as customers using (customer_id)
    where
        orders.order_status is distinct from 'canceled'
        or orders.order_delivered_customer_date is not null
),

lines as (
    unpivot items on price, freight into name part value amount
)

select
    order_id || '-' || order_item_id || '-' || part as invoice_line_id,
    order_id as invoice_id,
    customer_id,
    invoiced_on,
    'one_off' as line_kind,
    amount,
    'BRL' as currency,
from lines
order by invoice_line_id
