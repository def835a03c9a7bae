{# Cells of closed-loop cases: every combination of an answer's cell and attributes of a case that
   it opened, numbered. #}
with

described as (

    select distinct
        in_cells.cell
        {%- for attribute in segment_attributes(['case']) %},
        follow_ups.{{ attribute }}
        {%- endfor %}
    from {{ ref('stg_support__follow_ups') }} as follow_ups
    inner join {{ ref('int_answers_in_cells') }} as in_cells
        on follow_ups.response_id = in_cells.response_id

)

select
    row_number() over (
        order by
            cell asc
            {%- for attribute in segment_attributes(['case']) %},
            {{ attribute }} asc nulls first
            {%- endfor %}
    ) as case_cell,
    *
from described
