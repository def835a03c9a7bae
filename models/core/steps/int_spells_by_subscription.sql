{# A customer's contracts, joined to spells: a contract that starts within reactivation_days after
   all earlier ones have ended continues the spell. One that ended on the day it began was never in
   force: it begins no spell, continues none and ends none. #}
with

contracts as (

    select
        customer_id,
        subscription_id,
        started_on,
        notice_on,
        ended_on,
        end_reason,
        max(coalesce(ended_on, cast('9999-12-31' as date))) over (
            partition by customer_id
            order by started_on, subscription_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from {{ ref('stg_billing__subscriptions') }}
    cross join {{ ref('int_run_clock') }} as clock
    where started_on <= clock.as_of and {{ open_ended('ended_on') }} > started_on

),

numbered as (

    select
        *,
        sum(
            case
                when
                    covered_until is null
                    or (
                        covered_until < cast('9999-12-31' as date)
                        and started_on > {{ add_days('covered_until', var('reactivation_days')) }}
                    )
                    then 1
                else 0
            end
        ) over (
            partition by customer_id
            order by started_on, subscription_id
            rows between unbounded preceding and current row
        ) as spell_number
    from contracts

),

{# The contract that ends a spell: the last to end, an open one before all others. #}
ranked as (

    select
        *,
        min(started_on) over (partition by customer_id, spell_number) as spell_started_on,
        row_number() over (
            partition by customer_id, spell_number
            order by
                coalesce(ended_on, cast('9999-12-31' as date)) desc,
                case when notice_on is null then 0 else 1 end,
                subscription_id
        ) as from_the_end
    from numbered

)

select
    customer_id,
    cast(spell_number as int) as spell_number,
    spell_started_on as started_on,
    case
        when notice_on > spell_started_on and notice_on <= {{ open_ended('ended_on') }}
            then notice_on
        else ended_on
    end as left_on,
    end_reason
from ranked
where from_the_end = 1
