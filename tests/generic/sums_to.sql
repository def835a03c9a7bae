{# Fails for every group in which the parts of a column do not sum to the whole; a missing whole fails,
   and so do missing parts.
     columns   the columns that are summed
     parts     which rows are parts
     whole     which rows are the whole
     group_by  the columns of a group; without any, all rows are one #}
{% test sums_to(model, columns, parts, whole, group_by=[]) %}
select
    {%- for column in group_by %}
    {{ column }},
    {%- endfor %}
    {%- for column in columns %}
    sum(case when {{ parts }} then {{ column }} end) as {{ column }}_of_parts,
    sum(case when {{ whole }} then {{ column }} end) as {{ column }}_of_whole{{ ',' if not loop.last }}
    {%- endfor %}
from {{ model }}
{{ 'group by ' ~ group_by | join(', ') if group_by }}
having
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}sum(case when {{ parts }} then {{ column }} end)
    is distinct from sum(case when {{ whole }} then {{ column }} end)
    {%- endfor %}
{% endtest %}
