select
    subscriptions.subscription_id,
    subscriptions.customer_id,
    subscriptions.service_line,
    subscriptions.plan,
    subscriptions.started_on,
    subscriptions.notice_on,
    subscriptions.ended_on,
    subscriptions.end_reason,
    coalesce(
        subscriptions.started_on <= clock.as_of
        and {{ open_ended('subscriptions.ended_on') }} > clock.as_of,
        false
    ) as is_active
from {{ ref('stg_billing__subscriptions') }} as subscriptions
cross join {{ ref('int_run_clock') }} as clock
