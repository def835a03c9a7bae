-- One row per response; # is its token and times say UTC. The score is the question with the word
-- recommend. The customer is the hidden field customer_id.
with cells as (
    unpivot (select * exclude ("Submit Date (UTC)", customer_id, email) from answers)
    on columns(* exclude ("#")) into name question value answer
),

scores as (
    select "#" as token, min(score_of(answer)) as score,
    from cells
    where regexp_matches(lower(question), 'recommend|raccomand|consigli|weiterempfehl|recomend')
        and regexp_matches(answer, '^\s*\d')
    group by "#"
),

texts as (
    select "#" as token, string_agg(answer, ' ' order by question) as verbatim,
    from cells
    where regexp_matches(lower(question), 'why|comment|reason|perch|warum|pourquoi|por qu')
    group by "#"
)

select
    answers."#" as response_id,
    answers.customer_id,
    'relational' as survey_kind,
    utc(answers."Submit Date (UTC)") as responded_at,
    scores.score,
    texts.verbatim,
from answers
inner join scores on answers."#" = scores.token
left join texts on answers."#" = texts.token
order by response_id
