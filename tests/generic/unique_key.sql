{# Fails for every key that stands on more than one row, and for every key with a part that is NULL
   (unless the part is listed in `nullable`; then two NULLs are the same key).
     columns   the columns that identify a row
     nullable  those of them that may be NULL
     rebuilt   see rows_to_test #}
{% test unique_key(model, columns, nullable=[], rebuilt=none) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_found
from {{ rows_to_test(model, rebuilt) }} as tested
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
