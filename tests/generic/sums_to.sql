{# Fails for every group in which the parts of a column do not sum to the whole; a missing whole fails,
   and so do missing parts.
     columns   the columns that are summed
     parts     which rows are parts
     whole     which rows are the whole
     group_by  the columns of a group; without any, all rows are one
     rounded   of the columns, those in which every amount is rounded to the cent by itself: parts and
               whole may then differ by half a cent each #}
{% test sums_to(model, columns, parts, whole, group_by=[], rounded=[]) %}
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
    {%- set of_parts = 'sum(case when ' ~ parts ~ ' then ' ~ column ~ ' end)' %}
    {%- set of_whole = 'sum(case when ' ~ whole ~ ' then ' ~ column ~ ' end)' %}
    {{ 'or ' if not loop.first }}
    {%- if column in rounded %}({{ of_parts }} is null) <> ({{ of_whole }} is null)
    or abs({{ of_parts }} - {{ of_whole }})
    > 0.005 * (count(case when {{ parts }} then {{ column }} end) + count(case when {{ whole }} then {{ column }} end))
    {%- else %}{{ of_parts }} is distinct from {{ of_whole }}
    {%- endif %}
    {%- endfor %}
{% endtest %}
