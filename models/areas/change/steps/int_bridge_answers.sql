{# Every counted answer twice: as an answer of its own period, and as one of the period before
   others: the period just before it, and the quarter a year before. With it, what the
   respondent is to the bridge. Whoever cannot be recognised again is anonymous. #}
with

answers as (

    select
        *,
        respondent_id is null as is_anonymous
    from {{ ref('int_nps_counted_answers') }}
    where period_grain in ('quarter', 'year')

),

periods as (

    select distinct
        period_grain,
        period_start,
        survey_kind,
        score_scale
    from answers

),

pairs as (

    select
        present.period_grain,
        present.period_start,
        former.period_start as previous_start,
        {{ period_end('present.period_grain', 'present.period_start') }} as period_end,
        present.survey_kind,
        present.score_scale
    from periods as present
    inner join periods as former
        on
            present.period_grain = former.period_grain
            and present.survey_kind = former.survey_kind
            and present.score_scale = former.score_scale
            and former.period_start in (
                {{ previous_period('present.period_grain', 'present.period_start') }},
                {{ add_months('present.period_start', -12) }}
            )

),

sides as (

    {% for side, start in [(1, 'period_start'), (0, 'previous_start')] %}
    select
        pairs.period_start as bridge_start,
        pairs.previous_start,
        pairs.period_end,
        {{ side }} as is_now,
        answers.*
    from pairs
    inner join answers
        on
            pairs.period_grain = answers.period_grain
            and pairs.{{ start }} = answers.period_start
            and pairs.survey_kind = answers.survey_kind
            and pairs.score_scale = answers.score_scale
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

recognised as (

    select
        *,
        count(*) over (
            partition by
                period_grain, bridge_start, previous_start, survey_kind, score_scale, counted_as
        ) = 2 as answered_twice
    from sides

),

{# Customers that have left by the end of a period: with us before and no longer on its last
   day. #}
departures as (

    select
        missing.period_end,
        missing.customer_id
    from (
        select distinct
            period_end,
            customer_id
        from recognised
        where is_now = 0 and not answered_twice and customer_id is not null
    ) as missing
    inner join {{ ref('int_customer_spells') }} as spells
        on
            missing.customer_id = spells.customer_id
            and missing.period_end > spells.started_on
    group by missing.period_end, missing.customer_id
    having max({{ open_ended('spells.churned_on') }}) < missing.period_end

)

select
    recognised.period_grain,
    recognised.bridge_start as period_start,
    recognised.previous_start,
    recognised.survey_kind,
    recognised.score_scale,
    recognised.is_now,
    recognised.response_id,
    recognised.cluster_id,
    cast(recognised.contribution as double) as contribution,
    case
        when recognised.is_anonymous then 'anonymous'
        when recognised.answered_twice then 'stayers'
        when recognised.is_now = 1 then 'joiners'
        when departures.customer_id is not null then 'leavers'
        else 'silent'
    end as person_kind,
    recognised.client_id,
    recognised.cell
from recognised
left join departures
    on
        recognised.period_end = departures.period_end
        and recognised.customer_id = departures.customer_id
