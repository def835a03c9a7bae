{# Every month end looks back over the window; an answer stands in as many windows as reach it. #}
with

month_ends as (

    select
        date_day as month_end,
        {{ add_days('date_day', -var('rolling_days')) }} as window_start
    from {{ ref('dim_dates') }}
    where is_month_end and is_in_complete_month

),

answers as (

    select
        *,
        {{ next_responded_on() }} as next_responded_on
    from {{ ref('fct_survey_responses') }}
    where not is_repeated

),

counted as (

    select
        month_ends.month_end,
        answers.survey_kind,
        answers.score_scale,
        in_cells.cell,
        count(*) as responses,
        sum(case when answers.category = 'promoter' then 1 else 0 end) as promoters,
        sum(case when answers.category = 'detractor' then 1 else 0 end) as detractors
    from answers
    inner join month_ends
        on
            answers.responded_on > month_ends.window_start
            and answers.responded_on <= month_ends.month_end
            and {{ open_ended('answers.next_responded_on') }} > month_ends.month_end
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on answers.response_id = in_cells.response_id
    group by month_ends.month_end, answers.survey_kind, answers.score_scale, in_cells.cell

),

totals as (

    select
        month_end,
        survey_kind,
        score_scale,
        segment_dimension,
        segment_value,
        cast(sum(responses) as bigint) as responses,
        cast(sum(promoters) as bigint) as promoters,
        cast(sum(detractors) as bigint) as detractors
    from (
        {{ by_segment('counted', [
            'month_end', 'survey_kind', 'score_scale', 'responses', 'promoters', 'detractors',
        ]) }}
    ) as by_segments
    group by month_end, survey_kind, score_scale, segment_dimension, segment_value

),

scores as (

    select
        *,
        {{ nps_points('promoters', 'detractors', 'responses') }} as nps,
        100 * {{ nps_adjusted_mean('promoters', 'detractors', 'responses') }} as adjusted_nps,
        100 * sqrt({{ nps_adjusted_variance('promoters', 'detractors', 'responses') }})
            as standard_error,
        responses >= {{ var('minimum_responses') }} as is_reportable
    from totals

)

select
    month_end,
    {{ var('rolling_days') }} as window_days,
    survey_kind,
    score_scale,
    segment_dimension,
    segment_value,
    responses,
    promoters,
    responses - promoters - detractors as passives,
    detractors,
    {{ when_reportable('nps') }} as nps,
    {{ when_reportable('standard_error') }} as standard_error,
    {{ when_reportable(nps_bound('adjusted_nps', 'standard_error', '-')) }} as lower,
    {{ when_reportable(nps_bound('adjusted_nps', 'standard_error', '+')) }} as upper,
    'descriptive' as evidence,
    is_reportable
from scores
