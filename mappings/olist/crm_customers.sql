-- One row per person. customer_id changes with every order; customer_unique_id is the person.
-- acquired_on stays empty: the extract is a cut of each person's orders, so the first one it
-- holds is not known to be the first.
select
    customer_unique_id as customer_id,
    'consumer' as customer_type,
    -- The state of the latest order, for people who have moved.
    arg_max(customer_state, coalesce(order_purchase_timestamp, '')) as region,
from source_csv('olist_customers_dataset.csv')
left join source_csv('olist_orders_dataset.csv') using (customer_id)
group by customer_unique_id
order by customer_unique_id
