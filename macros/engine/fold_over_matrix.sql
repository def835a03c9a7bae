{# A square matrix changed pivot after pivot, each turn a new value for each cell.
     cells   the matrix, row after row: expressions
     size    the number of its rows
     pivots  the numbers of the turns' rows, from 1 on
     turned  a macro: the new value of a cell, of the cell of its row in the pivot's column and that of its
             column in the pivot's row, of the pivot, and whether it lies in the pivot's row, or column #}
{% macro fold_over_matrix(cells, size, pivots, turned) -%}
    {{ return(adapter.dispatch('fold_over_matrix', 'pointworth')(cells, size, pivots, turned)) }}
{%- endmacro %}


{# A fold's values and what it folds over are of one type here: a pivot is a list of one number. #}
{% macro duckdb__fold_over_matrix(cells, size, pivots, turned) -%}
    list_reduce(
        [{% for pivot in pivots %}[{{ pivot }}.0]{{ ', ' if not loop.last }}{% endfor %}],
        lambda matrix, turn: list_transform(
            range({{ size * size }}),
            lambda cell: {{ turned(
                'matrix[cell + 1]',
                'matrix[cell - cell % ' ~ size ~ ' + cast(turn[1] as int)]',
                'matrix[(cast(turn[1] as int) - 1) * ' ~ size ~ ' + cell % ' ~ size ~ ' + 1]',
                'matrix[(cast(turn[1] as int) - 1) * ' ~ (size + 1) ~ ' + 1]',
                'cell // ' ~ size ~ ' + 1 = turn[1]',
                'cell % ' ~ size ~ ' + 1 = turn[1]'
            ) }}
        ),
        [{{ cells | join(', ') }}]
    )
{%- endmacro %}


{% macro spark__fold_over_matrix(cells, size, pivots, turned) -%}
    aggregate(
        array({{ pivots | join(', ') }}),
        array({{ cells | join(', ') }}),
        (matrix, turn) -> transform(
            sequence(0, {{ size * size - 1 }}),
            cell -> {{ turned(
                'matrix[cell]',
                'matrix[cell - cell % ' ~ size ~ ' + turn - 1]',
                'matrix[(turn - 1) * ' ~ size ~ ' + cell % ' ~ size ~ ']',
                'matrix[(turn - 1) * ' ~ (size + 1) ~ ']',
                'cell div ' ~ size ~ ' + 1 = turn',
                'cell % ' ~ size ~ ' + 1 = turn'
            ) }}
        )
    )
{%- endmacro %}


{# An element of a list, from 1 on. #}
{% macro element_of(values, number) -%}
    {{ return(adapter.dispatch('element_of', 'pointworth')(values, number)) }}
{%- endmacro %}


{% macro duckdb__element_of(values, number) -%} {{ values }}[{{ number }}] {%- endmacro %}


{% macro spark__element_of(values, number) -%} element_at({{ values }}, {{ number }}) {%- endmacro %}
