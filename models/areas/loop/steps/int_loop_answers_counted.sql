{# Answers, and those with a case, by period and segment. Counted by month first: longer periods
   are sums of months. #}
with

followed_up as (

    select distinct response_id
    from {{ ref('int_loop_cases') }}

),

monthly as (

    select
        answers.responded_month,
        answers.survey_kind,
        answers.category,
        in_cells.cell,
        count(*) as answers,
        count(followed_up.response_id) as answers_followed_up
    from {{ ref('fct_survey_responses') }} as answers
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on answers.response_id = in_cells.response_id
    left join followed_up
        on answers.response_id = followed_up.response_id
    group by
        answers.responded_month,
        answers.survey_kind,
        answers.category,
        in_cells.cell

),

months_by_segment as (

    select
        responded_month,
        survey_kind,
        category,
        segment_dimension,
        segment_value,
        sum(answers) as answers,
        sum(answers_followed_up) as answers_followed_up
    from (
        {{ by_segment(
            'monthly',
            ['responded_month', 'survey_kind', 'category', 'answers', 'answers_followed_up'],
            of=['customer', 'answer']
        ) }}
    ) as by_segments
    group by responded_month, survey_kind, category, segment_dimension, segment_value

),

periods as (

    {% for grain in period_grains('responded_month') %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        months_by_segment.*
    from months_by_segment
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select
    period_grain,
    period_start,
    survey_kind,
    category,
    segment_dimension,
    segment_value,
    cast(sum(answers) as bigint) as answers,
    cast(sum(answers_followed_up) as bigint) as answers_followed_up
from periods
group by period_grain, period_start, survey_kind, category, segment_dimension, segment_value
