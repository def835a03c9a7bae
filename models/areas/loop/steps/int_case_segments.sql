{# The bridge of closed-loop cases: which segments a cell of cases belongs to, those of the answer
   among them. #}
with

cells as (

    select * from {{ ref('int_case_cells') }}

)

select
    cells.case_cell,
    segments.known_of,
    segments.segment_dimension,
    segments.segment_value
from cells
inner join {{ ref('int_answer_segments') }} as segments
    on cells.cell = segments.cell

union all
{{ segments_of_cells('cells', 'case_cell', ['case']) }}
