select
    id as subscription_id,
    customer_id,
    day_of(coalesce(start_date, created)) as started_on,
    day_of(canceled_at) as notice_on,
    day_of(ended_at) as ended_on,
    case
        when ended_at is null then null
        when cancellation_details_reason in ('payment_failed', 'payment_disputed') then 'non_payment'
        when status = 'unpaid' then 'non_payment'
        when cancellation_details_reason = 'cancellation_requested' then 'voluntary'
    end as end_reason,
from subscription
where coalesce(status, 'active') not in ('incomplete', 'incomplete_expired')
order by subscription_id
