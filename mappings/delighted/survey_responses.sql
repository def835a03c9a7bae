-- One row per response with a score. Times without a zone are taken as UTC.
select
    coalesce("Response ID", "Id") as response_id,
    "Customer ID" as customer_id,
    'relational' as survey_kind,
    utc(coalesce("Created At", "Updated At")) as responded_at,
    score_of("Score") as score,
    case lower("Survey Type") when 'csat' then 'stars_1_5' when 'ces' then 'effort_1_7' end
        as score_scale,
    "Comment" as verbatim,
    "Language" as language,
from answers
where "Score" is not null
order by response_id
