{# The one definition of churn: when a customer was with us, and when and why it left. #}
with

spells as (

    select
        customer_id,
        spell_number,
        started_on,
        left_on,
        end_reason
    from {{ ref('int_spells_by_' ~ var('churn_basis')) }}

)

select
    spells.customer_id,
    spells.spell_number,
    spells.started_on,
    case when spells.left_on <= clock.as_of then spells.left_on end as churned_on,
    case
        when spells.left_on is null or spells.left_on > clock.as_of then null
        when spells.end_reason = 'inactivity' then 'inactivity'
        when spells.end_reason = 'non_payment' then 'non_payment'
        when spells.end_reason in ('migrated', 'moved') then 'moved'
        else 'voluntary'
    end as churn_reason
from spells
cross join {{ ref('int_run_clock') }} as clock
