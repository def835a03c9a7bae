{% set rebuilt = {'column': 'customer_id', 'topic': 'billing_invoice_lines.customer_id'} %}
-- A month opens with what recurred in the month before, and what recurred in a complete month is
-- carried into the next one, if only to be lost there. So the bridge of movements closes, customer
-- by customer.
with

months as (

    select
        customer_id,
        revenue_month,
        opening_recurring,
        recurring,
        lag(revenue_month) over (partition by customer_id order by revenue_month) as previous_month,
        lag(recurring) over (partition by customer_id order by revenue_month) as previous_recurring,
        lead(revenue_month) over (partition by customer_id order by revenue_month) as next_month
    from {{ rows_to_test(ref('fct_customer_revenue_monthly'), rebuilt) }}

)

select months.*
from months
cross join {{ ref('int_run_clock') }} as clock
where
    months.opening_recurring is distinct from
    case
        when months.previous_month = {{ add_months('months.revenue_month', -1) }}
            then months.previous_recurring
        else 0
    end
    or (
        months.recurring <> 0
        and months.revenue_month < clock.last_complete_month
        and months.next_month is distinct from {{ add_months('months.revenue_month', 1) }}
    )
