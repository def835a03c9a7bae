{# One answer per respondent, survey kind and period: the latest, that is the one whose next lies in
   a later period. A transactional answer stands for its interaction. #}
with

answers_in_cells as (

    select
        responses.*,
        in_cells.cell,
        in_cells.customer_cell
    from {{ ref('fct_survey_responses') }} as responses
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on responses.response_id = in_cells.response_id
    where not responses.is_repeated

),

answers as (

    select
        *,
        {{ next_responded_on() }} as next_responded_on
    from answers_in_cells

),

latest_of_period as (

    {% for grain in period_grains('responded_on') %}
    {% set next_start = period_grains('next_responded_on')[loop.index0].start %}
    select
        '{{ grain.name }}' as period_grain,
        {{ grain.start }} as period_start,
        answers.*
    from answers
    where next_responded_on is null or {{ next_start }} > {{ grain.start }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select
    period_grain,
    period_start,
    survey_kind,
    score_scale,
    response_id,
    {{ cluster_of('latest_of_period') }} as cluster_id,
    customer_id,
    respondent_id,
    counted_as,
    contribution,
    category,
    cell,
    customer_cell,
    client_id,
    customer_type,
    greatest(coalesce(trailing_revenue, 0), 0) as revenue_weight
from latest_of_period
