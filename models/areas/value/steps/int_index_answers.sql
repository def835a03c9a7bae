{# The answer from which a customer is followed: its first relational NPS answer given while active,
   without notice, with baseline revenue. First, so that nobody is selected for having stayed.
   Answers of several respondents in that month are averaged. Beside it stands the next one, of a
   later month, for the comparison of customers with themselves. Whoever is among the ten largest of
   a segment stands in a cell of its own, so that the segment can be looked at without them. #}
{% set without = [] %}
{% for column in var('strata') %}{% do without.append('stratum_without_' ~ column) %}{% endfor %}
with

candidates as (

    select
        answers.customer_id,
        answers.responded_month as index_month,
        in_cells.standing_cell,
        answers.monthly_baseline_revenue,
        answers.monthly_revenue_a_year_earlier,
        {{ stratum('answers') }} as stratum,
        {% for column in var('strata') -%}
        {{ stratum('answers', without=column) }} as stratum_without_{{ column }},
        {% endfor -%}
        answers.responded_at,
        answers.response_id,
        lag(answers.responded_month) over (
            partition by answers.customer_id order by answers.responded_at, answers.response_id
        ) as month_before
    from {{ ref('fct_survey_responses') }} as answers
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on answers.response_id = in_cells.response_id
    inner join {{ ref('int_customer_spells') }} as spells
        on
            answers.customer_id = spells.customer_id
            and spells.started_on <= answers.responded_on
            and {{ open_ended('spells.churned_on') }} > answers.responded_on
    where
        answers.survey_kind = 'relational'
        and answers.is_nps
        and not answers.is_repeated
        and answers.monthly_baseline_revenue > 0

),

monthly_contributions as (

    select
        customer_id,
        responded_month,
        avg(cast(contribution as double)) as contribution,
        count(*) as answers
    from {{ ref('fct_survey_responses') }}
    where
        survey_kind = 'relational'
        and is_nps
        and customer_id is not null
        and not is_repeated
    group by customer_id, responded_month

),

{# The first answer of each month. #}
asked as (

    select
        *,
        row_number() over (partition by customer_id order by responded_at, response_id)
            as answer_number
    from candidates
    where month_before is distinct from index_month

),

{# An average of several respondents belongs to the band it is nearest to. #}
index_answers as (

    select
        asked.*,
        contributions.contribution,
        contributions.answers,
        case
            when contributions.contribution >= 50 then 'promoter'
            when contributions.contribution <= -50 then 'detractor'
            else 'passive'
        end as band
    from asked
    inner join monthly_contributions as contributions
        on
            asked.customer_id = contributions.customer_id
            and asked.index_month = contributions.responded_month
    where asked.answer_number <= 2

),

with_the_one_before as (

    select
        *,
        lag(band) over (partition by customer_id order by answer_number) as previous_band
    from index_answers

),

{# The ten largest of a segment are among the ten largest of its cells. #}
largest_of_cells as (

    select
        customer_id,
        standing_cell,
        monthly_baseline_revenue,
        row_number() over (
            partition by standing_cell order by monthly_baseline_revenue desc, customer_id asc
        ) as place
    from index_answers
    where answer_number = 1

),

candidates_for_largest as (

    select
        customer_id,
        standing_cell,
        monthly_baseline_revenue
    from largest_of_cells
    where place <= 10

),

largest_by_segments as (

    {{ by_segment(
        'candidates_for_largest',
        ['customer_id', 'monthly_baseline_revenue'],
        of=['customer', 'standing']
    ) }}

),

places as (

    select
        customer_id,
        row_number() over (
            partition by segment_dimension, segment_value
            order by monthly_baseline_revenue desc, customer_id asc
        ) as place
    from largest_by_segments

),

largest as (

    select distinct customer_id
    from places
    where place <= 10

),

numbered as (

    select
        answers.*,
        row_number() over (order by answers.answer_number, answers.customer_id) as index_number,
        case
            when answers.answer_number = 1 and largest.customer_id is not null
                then answers.monthly_baseline_revenue
        end as largest_baseline,
        case
            when answers.answer_number = 1 and largest.customer_id is not null
                then answers.customer_id
        end as largest_customer
    from with_the_one_before as answers
    left join largest
        on answers.customer_id = largest.customer_id

)

select
    index_number,
    dense_rank() over (
        order by
            standing_cell,
            stratum,
            band,
            previous_band nulls first,
            largest_customer nulls first
    ) as cell_number,
    customer_id,
    answer_number,
    index_month,
    standing_cell,
    monthly_baseline_revenue,
    monthly_revenue_a_year_earlier,
    stratum,
    {{ without | join(',\n    ') }}{{ ',' if without }}
    contribution,
    answers,
    band,
    previous_band,
    largest_baseline
from numbered
