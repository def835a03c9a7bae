{# Fails for every row that one relation has and the other has not, in the columns named; repeated rows
   count as often as they are there, and NULL equals NULL.
     compare_model    the other relation
     columns          the columns compared
     compare_columns  their names in the other relation, where they differ
     compare_where    which rows of the other relation are compared #}
{% test same_rows(model, compare_model, columns, compare_columns=none, compare_where='true') %}
{% set here = 'select ' ~ columns | join(', ') ~ ' from ' ~ model %}
{% set there = 'select ' ~ (compare_columns or columns) | join(', ') ~ ' from ' ~ compare_model
    ~ ' where ' ~ compare_where %}
select
    'missing there' as difference,
    only_here.*
from ({{ here }} except all {{ there }}) as only_here

union all

select
    'missing here' as difference,
    only_there.*
from ({{ there }} except all {{ here }}) as only_there
{% endtest %}
