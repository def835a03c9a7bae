-- Two header rows: questions, and below them the answers offered; the second has no respondent. The
-- score is the question with the word recommend, in whichever of six languages. Times have no zone
-- and are taken as UTC; they are month first unless a first number above 12 says otherwise. The
-- customer is Custom Data 1, which the collector's link passes on.
with rows as (
    select * from answers where respondent_id is not null and respondent_id <> 'Respondent ID'
),

forms as (
    select
        coalesce(max(try_cast(regexp_extract(end_date, '^(\d+)', 1) as integer)), 0) > 12
            as is_day_first,
    from rows
),

cells as (
    unpivot (select * exclude (end_date, email_address, custom_data_1, collector_id) from rows)
    on columns(* exclude (respondent_id)) into name question value answer
),

scores as (
    select respondent_id, min(score_of(answer)) as score,
    from cells
    where regexp_matches(lower(question), 'recommend|raccomand|consigli|weiterempfehl|recomend')
        and regexp_matches(answer, '^\s*\d')
    group by respondent_id
),

texts as (
    select respondent_id, string_agg(answer, ' ' order by question) as verbatim,
    from cells
    where regexp_matches(lower(question), 'why|comment|reason|perch|warum|pourquoi|por qu')
    group by respondent_id
)

select
    rows.respondent_id as response_id,
    rows.custom_data_1 as customer_id,
    'relational' as survey_kind,
    coalesce(
        cast(
            case
                when forms.is_day_first
                    then try_strptime(rows.end_date, ['%d/%m/%Y %I:%M:%S %p', '%d/%m/%Y %H:%M:%S'])
                else try_strptime(rows.end_date, ['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S'])
            end as varchar
        ),
        rows.end_date
    ) as responded_at,
    scores.score,
    texts.verbatim,
from rows
inner join scores on rows.respondent_id = scores.respondent_id
left join texts on rows.respondent_id = texts.respondent_id
cross join forms
order by response_id
