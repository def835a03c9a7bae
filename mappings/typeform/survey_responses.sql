-- One row per response; # is its token and times say UTC. The score is the question with the word
-- recommend, the text that of the others that ask why. The customer is the hidden field customer_id.
-- An export without such a question has an empty one, so that nothing is found and nothing fails.
with rows as (
    select
        *,
        cast(null as varchar) as "recommend (none)",
        cast(null as varchar) as "why (none)",
    from answers
),

read as (
    select
        "#" as response_id,
        customer_id,
        utc("Submit Date (UTC)") as responded_at,
        first_score(
            [*columns('(?i)recommend|raccomand|consigli|weiterempfehl|recomend')]
        ) as score,
        nullif(
            concat_ws(' ', *columns('(?i)why|comment|reason|perch|warum|pourquoi|por qu')), ''
        ) as verbatim,
    from rows
)

select
    response_id,
    customer_id,
    'relational' as survey_kind,
    responded_at,
    score,
    verbatim,
from read
where score is not null
order by response_id
