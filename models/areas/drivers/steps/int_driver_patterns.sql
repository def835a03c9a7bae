{# Sums of products by segment, questionnaire and pattern of what was rated; from these every
   regression is made, whichever drivers it takes. Answers alike in every dimension are added up
   first, so that no answer is repeated by segment. Whole numbers: the sums are exact, in any order. #}
with

answers as (

    select
        *,
        1.0 as x_0,
        contribution as x_{{ explained_term() }}
    from {{ ref('int_driver_answers') }}

),

cells as (

    select
        period_grain,
        period_start,
        questionnaire_number,
        rated,
        cell
        {%- for i, j in pairs_of_terms() %},
        sum(cast(x_{{ i }} as double) * x_{{ j }}) as p_{{ i }}_{{ j }}
        {%- endfor %}
    from answers
    group by
        period_grain,
        period_start,
        questionnaire_number,
        rated,
        cell

),

cells_by_segment as (

    {{ by_segment(
        'cells',
        ['period_grain', 'period_start', 'questionnaire_number', 'rated', pair_columns('p')],
    ) }}

),

patterns as (

    select
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        questionnaire_number,
        rated
        {%- for i, j in pairs_of_terms() %},
        sum(p_{{ i }}_{{ j }}) as p_{{ i }}_{{ j }}
        {%- endfor %}
    from cells_by_segment
    group by
        period_grain,
        period_start,
        segment_dimension,
        segment_value,
        questionnaire_number,
        rated

)

select
    dense_rank() over (order by period_grain, period_start, segment_dimension, segment_value)
        as group_number,
    patterns.*
from patterns
