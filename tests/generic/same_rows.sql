{# Fails for every row that one relation has and the other has not, in the columns named; repeated rows
   count as often as they are there, and NULL equals NULL.
     compare_model    the other relation
     columns          the columns compared
     compare_columns  their names in the other relation, where they differ
     compare_where    which rows of the other relation are compared
     rebuilt          see rows_to_test; its column is in both relations #}
{% test same_rows(model, compare_model, columns, compare_columns=none, compare_where='true', rebuilt=none) %}
{% set here = 'select ' ~ columns | join(', ') ~ ' from ' ~ rows_to_test(model, rebuilt) %}
{% set there = 'select ' ~ (compare_columns or columns) | join(', ') ~ ' from '
    ~ rows_to_test(compare_model, rebuilt)
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
