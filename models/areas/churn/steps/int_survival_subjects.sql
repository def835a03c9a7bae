{# One row per customer and its first NPS answer: days from the answer until it left or was last
   seen, entering late when it was no customer yet on the day it answered. #}
with

ranked_answers as (

    select
        customer_id,
        responded_on,
        category,
        row_number() over (partition by customer_id order by responded_at, response_id) as answer
    from {{ ref('int_answers_voiced') }}
    where customer_id is not null and is_nps

),

{# The spell the answer stands in, or the first that begins after it. #}
spells as (

    select
        answers.customer_id,
        answers.category,
        greatest(0, {{ days_between('answers.responded_on', 'spells.started_on') }}) as entered_day,
        {{ days_between('answers.responded_on', 'coalesce(spells.churned_on, clock.as_of)') }}
            as left_day,
        spells.churned_on is not null as has_churned,
        row_number() over (partition by answers.customer_id order by spells.spell_number) as spell
    from ranked_answers as answers
    cross join {{ ref('int_run_clock') }} as clock
    inner join {{ ref('int_customer_spells') }} as spells
        on
            answers.customer_id = spells.customer_id
            and {{ open_ended('spells.churned_on') }} > answers.responded_on
    where answers.answer = 1

)

select
    customer_id,
    category,
    entered_day,
    left_day,
    has_churned
from spells
where spell = 1 and (left_day > entered_day or entered_day = 0)
