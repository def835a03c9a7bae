{# The rules of a table, in one query: fails for every key that stands on more than one row or has a part
   that is NULL, and for every row on which a rule is not TRUE; a rule whose value is NULL does not hold
   either. `broken_rules` names what is broken.
     key       the columns that identify a row
     nullable  those of them that may be NULL; then two NULLs are the same key
     rules     what must be true, by name: the rule in words, and its expression
     ranges    columns that lie in [minimum, maximum], up to the rounding of a double: a list of `columns`,
               `minimum` and `maximum` (either may be left out), `allow_null` (else NULL breaks it)
     rebuilt   see rows_to_test #}
{% test keeps_its_rules(model, key=[], nullable=[], rules={}, ranges=[], rebuilt=none) %}
{%- set all_rules = row_rules(rules, ranges) -%}
{%- if key %}
select
    {{ key | join(',\n    ') }},
    '{{ rule_of_the_key() }}' as broken_rules
from {{ rows_to_test(model, rebuilt) }} as tested
group by {{ key | join(', ') }}
having
    count(*) > 1
    {%- for column in key if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{%- endif %}
{%- if key and all_rules %}

union all
{% endif %}
{%- if all_rules %}
select
    {%- for column in key %}
    {{ column }},
    {%- endfor %}
    concat_ws(
        '; '
        {%- for name, expression in all_rules.items() %},
        case when not coalesce({{ expression }}, false) then '{{ name | replace("'", "''") }}' end
        {%- endfor %}
    ) as broken_rules
from {{ rows_to_test(model, rebuilt) }} as tested
where
    not (
        {%- for expression in all_rules.values() %}
        {{ 'and ' if not loop.first }}coalesce({{ expression }}, false)
        {%- endfor %}
    )
{%- endif %}
{% endtest %}
