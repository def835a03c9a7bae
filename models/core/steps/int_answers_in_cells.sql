{# The cell of every answer. #}
select
    answers.response_id,
    cells.cell,
    cells.standing_cell,
    cells.customer_cell
from {{ ref('int_answers_described') }} as answers
inner join {{ ref('int_answer_cells') }} as cells
    on {{ is_in_cell('answers', 'cells', segment_attributes(['standing', 'answer'])) }}
