with

counted as (

    select
        period_grain,
        period_start,
        survey_kind,
        category,
        segment_dimension,
        segment_value,
        answers,
        answers_followed_up
    from {{ ref('int_loop_answers_counted') }}

),

joined as (

    select
        coalesce(counted.period_grain, cases.period_grain) as period_grain,
        coalesce(counted.period_start, cases.period_start) as period_start,
        coalesce(counted.survey_kind, cases.survey_kind) as survey_kind,
        coalesce(counted.category, cases.category) as category,
        coalesce(counted.segment_dimension, cases.segment_dimension) as segment_dimension,
        coalesce(counted.segment_value, cases.segment_value) as segment_value,
        counted.answers,
        counted.answers_followed_up,
        coalesce(cases.cases, 0) as cases,
        coalesce(cases.contacted, 0) as contacted,
        cases.median_hours_to_contact,
        cases.p90_hours_to_contact,
        coalesce(cases.cases_due, 0) as cases_due,
        coalesce(cases.cases_in_time, 0) as cases_in_time,
        coalesce(cases.closed, 0) as closed,
        coalesce(cases.open_cases, 0) as open_cases,
        cases.mean_open_days,
        cases.longest_open_days
    from counted
    full outer join {{ ref('int_loop_cases_counted') }} as cases
        on
            counted.period_grain = cases.period_grain
            and counted.period_start = cases.period_start
            and counted.survey_kind = cases.survey_kind
            and counted.category = cases.category
            and counted.segment_dimension = cases.segment_dimension
            and counted.segment_value = cases.segment_value

),

judged as (

    select
        *,
        cases_due >= {{ var('minimum_responses') }} as is_reportable,
        coalesce(answers >= {{ var('minimum_responses') }}, false) as has_answers
    from joined

)

select
    period_grain,
    period_start,
    survey_kind,
    category,
    segment_dimension,
    segment_value,
    answers,
    answers_followed_up,
    case when has_answers then {{ safe_ratio('answers_followed_up', 'answers') }} end
        as followed_up_share,
    case when has_answers then {{ wilson_bound('answers_followed_up', 'answers', '-') }} end
        as followed_up_share_lower,
    case when has_answers then {{ wilson_bound('answers_followed_up', 'answers', '+') }} end
        as followed_up_share_upper,
    cases,
    contacted,
    {{ when_reportable(safe_ratio('contacted', 'cases')) }} as contacted_share,
    {{ when_reportable('median_hours_to_contact') }} as median_hours_to_contact,
    {{ when_reportable('p90_hours_to_contact') }} as p90_hours_to_contact,
    cases_due,
    cases_in_time,
    {{ when_reportable(safe_ratio('cases_in_time', 'cases_due')) }} as in_time_share,
    {{ when_reportable(wilson_bound('cases_in_time', 'cases_due', '-')) }} as in_time_share_lower,
    {{ when_reportable(wilson_bound('cases_in_time', 'cases_due', '+')) }} as in_time_share_upper,
    closed,
    {{ when_reportable(safe_ratio('closed', 'cases')) }} as closed_share,
    open_cases,
    mean_open_days,
    cast(longest_open_days as int) as longest_open_days,
    'descriptive' as evidence,
    is_reportable
from judged
