-- One row per request to review an order; same key as the response it led to. The export holds
-- only requests that were answered: the response rate computed from it is 100 % and means nothing.
select
    reviews.review_id || '-' || reviews.order_id as invitation_id,
    customers.customer_unique_id as customer_id,
    'transactional' as survey_kind,
    'email' as channel,
    cast(reviews.review_creation_date as timestamp) as sent_at,
from source_csv('olist_order_reviews_dataset.csv') as reviews
left join source_csv('olist_orders_dataset.csv') as orders using (order_id)
left join source_csv('olist_customers_dataset.csv') as customers using (customer_id)
order by invitation_id
