-- One row per review and order. In the full export one review_id can stand for several orders
-- (one form, several parcels) and one order can have several reviews, so neither alone is a key;
-- the pair is, and loses nothing. Of several reviews of one order the marts count the latest.
with categories as (
    -- The first item names the order's category; 1 order in 130 has items of several.
    select
        order_id,
        arg_min(
            coalesce(product_category_name_english, product_category_name),
            cast(order_item_id as integer)
        ) as category,
    from source_csv('olist_order_items_dataset.csv')
    left join source_csv('olist_products_dataset.csv') using (product_id)
    left join source_csv('product_category_name_translation.csv') using (product_category_name)
    group by order_id
),

reviews as (
    select
        *,
        -- Title and message, white space evened out: some hold nothing but a line break.
        nullif(
            trim(
                regexp_replace(
                    concat_ws(' ', review_comment_title, review_comment_message), '\s+', ' ', 'g'
                )
            ),
            ''
        ) as verbatim,
    from source_csv('olist_order_reviews_dataset.csv')
)

select
    reviews.review_id || '-' || reviews.order_id as response_id,
    customers.customer_unique_id as customer_id,
    'transactional' as survey_kind,
    case
        when orders.order_delivered_carrier_date is not null then 'delivery'
        else 'order' -- never left the seller
    end as journey_stage,
    categories.category as service_line,
    'email' as channel, -- the marketplace asks by e-mail
    reviews.review_id || '-' || reviews.order_id as invitation_id,
    reviews.order_id as interaction_id,
    cast(reviews.review_answer_timestamp as timestamp) as responded_at,
    cast(reviews.review_score as integer) as score,
    'stars_1_5' as score_scale,
    reviews.verbatim,
    case when reviews.verbatim is not null then 'pt' end as language,
from reviews
left join source_csv('olist_orders_dataset.csv') as orders using (order_id)
left join source_csv('olist_customers_dataset.csv') as customers using (customer_id)
left join categories using (order_id)
order by response_id
