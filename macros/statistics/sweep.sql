{# The sweep operator on a symmetric matrix (Dempster's SWP), as one expression: swept on the terms S, the
   block of S is minus its inverse, the column of what is explained holds the slopes, its own cell what is
   left unexplained. The matrix is a list, row after row; each term is a turn over all its cells. #}

{# A pivot is what a driver does not share with those swept before it, as a share of its variance: below
   this it is rounding, and the driver a combination of the others. #}
{% macro pivot_tolerance() -%} 1e-8 {%- endmacro %}

{# The matrix of pairs, columns `{prefix}_{i}_{j}` with i <= j from term 1 on, swept on every driver but those
   that are a combination of the ones before. #}
{% macro swept_pairs(prefix) -%}
    {%- set size = explained_term() -%}
    {%- set cells = [] -%}
    {%- for i in range(1, size + 1) -%}
        {%- for j in range(1, size + 1) -%}
            {%- do cells.append(pair_column(prefix, i, j)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ fold_over_matrix(cells, size, driver_terms() | list, _swept_cell) }}
{%- endmacro %}

{# A cell after a turn; as it was, where the pivot is no more than rounding. #}
{% macro _swept_cell(cell, row_cell, column_cell, pivot, in_row, in_column) -%}
    case
        when not coalesce({{ pivot }} > {{ pivot_tolerance() }}, false) then {{ cell }}
        when {{ in_row }} and {{ in_column }} then -1 / {{ pivot }}
        when {{ in_row }} or {{ in_column }} then {{ cell }} / {{ pivot }}
        else {{ cell }} - {{ row_cell }} * {{ column_cell }} / {{ pivot }}
    end
{%- endmacro %}

{# The cell of a pair in such a list. #}
{% macro cell_of_pair(matrix, i, j) -%}
    {{ element_of(matrix, ([i, j] | min - 1) * explained_term() + [i, j] | max) }}
{%- endmacro %}

{# Whether a driver was swept on: its cell is then -1 or less. #}
{% macro was_swept(matrix, term) -%}
    ({{ cell_of_pair(matrix, term, term) }} < -0.5)
{%- endmacro %}
