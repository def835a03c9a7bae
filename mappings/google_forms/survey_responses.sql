-- One row per response; they have no key, so the row's place in the file is it: append, do not sort.
-- Times are year first, with a zone such as GMT+1 that counts. The score is the question with the
-- word recommend. Sheets saved in the format of a country are for pointworth map spreadsheet.
with rows as (
    select row_number() over () as place, *, from answers
),

cells as (
    unpivot (select * exclude ("Timestamp", "Username", "Email Address", "Customer ID") from rows)
    on columns(* exclude (place)) into name question value answer
),

scores as (
    select place, min(score_of(answer)) as score,
    from cells
    where regexp_matches(lower(question), 'recommend|raccomand|consigli|weiterempfehl|recomend')
        and regexp_matches(answer, '^\s*\d')
    group by place
),

texts as (
    select place, string_agg(answer, ' ' order by question) as verbatim,
    from cells
    where regexp_matches(lower(question), 'why|comment|reason|perch|warum|pourquoi|por qu')
    group by place
),

times as (
    select
        place,
        try_strptime(
            regexp_extract("Timestamp", '^(\S+ \S+( [AaPp][Mm])?)', 1),
            ['%Y/%m/%d %I:%M:%S %p', '%Y/%m/%d %H:%M:%S']
        ) as wall,
        coalesce(
            try_cast(regexp_extract("Timestamp", 'GMT([+-]\d{1,2})', 1) as integer), 0
        ) as ahead,
    from rows
)

select
    'row-' || rows.place as response_id,
    rows."Customer ID" as customer_id,
    'relational' as survey_kind,
    coalesce(
        cast(times.wall - to_hours(times.ahead) as varchar), rows."Timestamp"
    ) as responded_at,
    scores.score,
    texts.verbatim,
from rows
inner join scores on rows.place = scores.place
left join texts on rows.place = texts.place
left join times on rows.place = times.place
order by rows.place
