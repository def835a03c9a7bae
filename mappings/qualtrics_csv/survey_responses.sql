-- Three header rows: names, questions, and ImportIds, of which the times' one names their zone. The
-- score is the question that has a column of groups beside it (Q1 and Q1_NPS_GROUP). Previews are
-- left out. The customer is a column of embedded data called so, else ExternalReference, else the
-- recipient's address, hashed.
with times as (
    select max(json_extract_string(recordeddate, '$.timeZone')) as zone,
    from answers
    where recordeddate like '{"ImportId"%'
),

cells as (
    unpivot (
        select * exclude (status, externalreference, recipientemail, distributionchannel, userlanguage),
        from answers
        where recordeddate not like '{"ImportId"%' and responseid <> 'Response ID'
    )
    on columns(* exclude (responseid, recordeddate)) into name question value answer
),

groups as (
    select distinct regexp_replace(question, '_NPS_GROUP$', '') as question,
    from cells
    where question like '%\_NPS\_GROUP' escape '\'
),

scores as (
    select cells.responseid, min(score_of(cells.answer)) as score,
    from cells
    inner join groups on cells.question = groups.question
    group by cells.responseid
),

customers as (
    select responseid, max(answer) as customer_id,
    from cells
    where
        lower(regexp_replace(question, '[^A-Za-z]', '', 'g'))
        in ('customerid', 'accountid', 'customernumber')
    group by responseid
),

texts as (
    select responseid, string_agg(answer, ' ' order by question) as verbatim,
    from cells
    where question like '%\_TEXT' escape '\' or question in ('comment', 'Comment')
    group by responseid
)

select
    answers.responseid as response_id,
    coalesce(
        customers.customer_id, answers.externalreference, email_hash(answers.recipientemail)
    ) as customer_id,
    'relational' as survey_kind,
    answers.distributionchannel as channel,
    wall_to_utc(answers.recordeddate, coalesce(times.zone, 'UTC')) as responded_at,
    scores.score,
    texts.verbatim,
    lower(answers.userlanguage) as language,
from answers
inner join scores on answers.responseid = scores.responseid
left join customers on answers.responseid = customers.responseid
left join texts on answers.responseid = texts.responseid
cross join times
where coalesce(answers.status, '0') not in ('1', '2', '16', 'Survey Preview', 'Survey Test')
order by response_id
