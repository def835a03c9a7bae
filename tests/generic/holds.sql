{# Fails for every row on which a rule is not TRUE; a rule whose value is NULL does not hold either. All
   rules of a relation are judged in one scan; the failing rows name the rules they break.
     rules  what must be true, by name: the rule in words, and its expression
     rebuilt  see rows_to_test #}
{% test holds(model, rules, rebuilt=none) %}
select
    *,
    concat_ws(
        '; '
        {%- for name, expression in rules.items() %},
        case when not coalesce({{ expression }}, false) then '{{ name | replace("'", "''") }}' end
        {%- endfor %}
    ) as broken_rules
from {{ rows_to_test(model, rebuilt) }} as tested
where
    not (
        {%- for expression in rules.values() %}
        {{ 'and ' if not loop.first }}coalesce({{ expression }}, false)
        {%- endfor %}
    )
{% endtest %}
