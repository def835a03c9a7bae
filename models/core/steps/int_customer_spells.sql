{# The one definition of churn: when a customer was with us, and when and why it left. Why, by
   the seed of spellings; what is not in it, or was not said, is unknown. #}
with

spells as (

    select
        spells.customer_id,
        spells.spell_number,
        spells.started_on,
        case when spells.left_on <= clock.as_of then spells.left_on end as churned_on,
        spells.end_reason
    from {{ ref('int_spells_by_' ~ var('churn_basis')) }} as spells
    cross join {{ ref('int_run_clock') }} as clock

)

select
    spells.customer_id,
    spells.spell_number,
    spells.started_on,
    spells.churned_on,
    case
        when spells.churned_on is null then null
        when spells.end_reason = 'inactivity' then 'inactivity'
        else coalesce(reasons.reason, 'unknown')
    end as churn_reason
from spells
left join {{ ref('end_reasons') }} as reasons
    on {{ spelling('spells.end_reason') }} = reasons.spelling
