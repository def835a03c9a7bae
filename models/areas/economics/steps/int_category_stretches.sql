{# From which month's start to which a customer was active with the same latest answer: `none`
   before its first. Months are running numbers, `until` the first one after. #}
with

answers as (

    select
        customer_id,
        {{ month_number('responded_month') }} + 1 as from_month,
        category,
        row_number() over (
            partition by customer_id, responded_month order by responded_at desc, response_id desc
        ) as from_the_end
    from {{ ref('fct_survey_responses') }}
    where
        survey_kind = 'relational'
        and is_nps
        and not is_repeated
        and customer_id is not null

),

known as (

    select
        customer_id,
        from_month,
        category
    from answers
    where from_the_end = 1

    union all

    select
        customer_id,
        0 as from_month,
        'none' as category
    from {{ ref('int_customer_profiles') }}

),

stretches as (

    select
        customer_id,
        category,
        from_month,
        lead(from_month) over (partition by customer_id order by from_month) as until_month
    from known

)

select
    stretches.customer_id,
    stretches.category,
    greatest(stretches.from_month, {{ first_month_start_since('spells.started_on') }})
        as from_month,
    least(
        coalesce(stretches.until_month, {{ month_number('clock.last_complete_month') }} + 1),
        {{ first_month_start_since(open_ended('spells.churned_on')) }},
        {{ month_number('clock.last_complete_month') }} + 1
    ) as until_month
from stretches
inner join {{ ref('int_customer_spells') }} as spells
    on stretches.customer_id = spells.customer_id
cross join {{ ref('int_run_clock') }} as clock
where
    greatest(stretches.from_month, {{ first_month_start_since('spells.started_on') }})
    < least(
        coalesce(stretches.until_month, {{ month_number('clock.last_complete_month') }} + 1),
        {{ first_month_start_since(open_ended('spells.churned_on')) }},
        {{ month_number('clock.last_complete_month') }} + 1
    )
