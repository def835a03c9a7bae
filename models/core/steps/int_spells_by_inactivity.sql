{# Neither billed nor in a billed service period for inactivity_days, a customer has left; the
   day this is known is the day of the event. A later line starts a new spell. A correction is no
   activity, nor is a credit note. Empty unless inactivity is the basis: it reads every line. #}
with

active_periods as (

    select distinct
        customer_id,
        least(invoiced_on, coalesce(service_from, invoiced_on)) as active_from,
        greatest(invoiced_on, coalesce(service_to, invoiced_on)) as active_to
    from {{ ref('stg_billing__invoice_lines') }}
    where
        {{ var('churn_basis') == 'inactivity' }}
        and line_kind not in ({{ non_revenue_line_kinds() }}, 'credit_note')
        and amount >= 0

),

gaps as (

    select
        customer_id,
        active_from,
        active_to,
        max(active_to) over (
            partition by customer_id
            order by active_from, active_to
            rows between unbounded preceding and 1 preceding
        ) as previously_active_to
    from active_periods

),

numbered as (

    select
        customer_id,
        active_from,
        active_to,
        sum(
            case
                when
                    previously_active_to is null
                    or {{ days_between('previously_active_to', 'active_from') }}
                    > {{ var('inactivity_days') }}
                    then 1
                else 0
            end
        ) over (
            partition by customer_id
            order by active_from, active_to
            rows between unbounded preceding and current row
        ) as spell_number
    from gaps

)

select
    customer_id,
    cast(spell_number as int) as spell_number,
    min(active_from) as started_on,
    {{ add_days('max(active_to)', var('inactivity_days')) }} as left_on,
    'inactivity' as end_reason
from numbered
group by customer_id, spell_number
