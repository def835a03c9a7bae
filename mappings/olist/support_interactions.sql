-- One row per order, from purchase to delivery, at the stage it got to.
-- Late = delivered after the estimate, which is midnight at the start of the promised day; so a
-- parcel handed over during that day counts as late, as in the figures known for this data.
with orders as (
    select
        *,
        case
            when order_delivered_customer_date > order_estimated_delivery_date then 'late_delivery'
            when order_delivered_customer_date is not null then 'delivery_on_time'
            when order_status in ('canceled', 'unavailable') then order_status
            when order_estimated_delivery_date < latest_answer then 'not_delivered'
            else 'in_progress'
        end as reason,
    from source_csv('olist_orders_dataset.csv')
    -- What is promised for after the last thing the extract knows is not late yet.
    cross join (
        select max(review_answer_timestamp) as latest_answer,
        from source_csv('olist_order_reviews_dataset.csv')
    )
)

select
    orders.order_id as interaction_id,
    customers.customer_unique_id as customer_id,
    case
        when orders.order_delivered_carrier_date is not null then 'delivery'
        else 'order' -- never left the seller
    end as journey_stage,
    'portal' as channel,
    'inbound' as direction,
    orders.reason,
    cast(orders.order_purchase_timestamp as timestamp) as opened_at,
    cast(orders.order_delivered_customer_date as timestamp) as resolved_at,
    case
        -- Who cancelled, and why, is not in the export.
        when orders.reason <> 'canceled'
            then orders.reason in ('late_delivery', 'not_delivered', 'unavailable')
    end as is_fault,
from orders
left join source_csv('olist_customers_dataset.csv') as customers using (customer_id)
order by interaction_id
