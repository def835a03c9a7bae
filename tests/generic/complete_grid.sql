{# Fails for every combination that is missing: each distinct value of `rows` must stand with each
   distinct value of `columns`.
     rows     the columns down the grid
     columns  the columns across the grid #}
{% test complete_grid(model, rows, columns) %}
with

down as (

    select distinct {{ rows | join(', ') }}
    from {{ model }}

),

across as (

    select distinct {{ columns | join(', ') }}
    from {{ model }}

)

select
    {{ (rows + columns) | join(', ') }}
from down
cross join across

except

select
    {{ (rows + columns) | join(', ') }}
from {{ model }}
{% endtest %}
