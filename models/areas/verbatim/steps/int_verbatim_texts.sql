{# The answers that count in a period and have a text; months are too short for themes. #}
select
    counted.period_grain,
    counted.period_start,
    counted.survey_kind,
    counted.score_scale,
    counted.response_id,
    counted.cluster_id,
    counted.contribution,
    counted.customer_cell,
    cast(counted.revenue_weight as decimal(18, 2)) as revenue
from {{ ref('int_nps_counted_answers') }} as counted
inner join {{ ref('int_answers_voiced') }} as responses
    on counted.response_id = responses.response_id
where
    counted.period_grain <> 'month'
    and responses.redacted_verbatim is not null
