with subscriptions as (
    select *, from subscription_history
    qualify rank() over (partition by id order by utc(updated_at) desc) = 1
)

select
    id as subscription_id,
    account_id as customer_id,
    plan_id as plan,
    day_of(coalesce(activated_at, created_at)) as started_on,
    day_of(canceled_at) as notice_on,
    case when state = 'expired' then day_of(expires_at) end as ended_on,
    case
        when state <> 'expired' then null
        when expiration_reason in ('nonpayment', 'nonpayment_gift') then 'non_payment'
        when expiration_reason is not null then 'voluntary'
    end as end_reason,
from subscriptions
order by subscription_id
