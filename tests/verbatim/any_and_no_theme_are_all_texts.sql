{# Every text is about something or about nothing we know. #}
select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    texts,
    sum(mentions) as mentions
from {{ ref('verbatim_themes') }}
where theme in ('any', 'none')
group by
    period_grain, period_start, survey_kind, score_scale, segment_dimension, segment_value, texts
having sum(mentions) <> texts or count(*) <> 2
