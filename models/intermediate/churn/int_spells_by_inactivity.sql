{# Without an invoice line for inactivity_days a customer has left; the day this is known is the day
   of the event. A later line starts a new spell. Empty unless inactivity is the basis: it reads
   every line. #}
with

active_days as (

    select distinct
        customer_id,
        invoiced_on
    from {{ ref('stg_billing__invoice_lines') }}
    where
        {{ var('churn_basis') == 'inactivity' }}
        and line_kind not in ({{ non_revenue_line_kinds() }}, 'credit_note')

),

gaps as (

    select
        customer_id,
        invoiced_on,
        lag(invoiced_on) over (partition by customer_id order by invoiced_on) as previous_on
    from active_days

),

numbered as (

    select
        customer_id,
        invoiced_on,
        sum(
            case
                when
                    previous_on is null
                    or {{ days_between('previous_on', 'invoiced_on') }}
                    > {{ var('inactivity_days') }}
                    then 1
                else 0
            end
        ) over (
            partition by customer_id
            order by invoiced_on
            rows between unbounded preceding and current row
        ) as spell_number
    from gaps

)

select
    customer_id,
    cast(spell_number as int) as spell_number,
    min(invoiced_on) as started_on,
    {{ add_days('max(invoiced_on)', var('inactivity_days')) }} as left_on,
    'inactivity' as end_reason
from numbered
group by customer_id, spell_number
