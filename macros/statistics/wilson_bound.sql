{# A bound of the Wilson interval of a share; `side` is '-' for the lower and '+' for the upper. #}
{% macro wilson_bound(successes, trials, side) -%}
    {%- set p = safe_ratio(successes, trials) -%}
    {%- set z2 = '(' ~ z95() ~ ' * ' ~ z95() ~ ')' -%}
    (
        (
            {{ p }} + {{ z2 }} / (2 * {{ trials }})
            {{ side }} {{ z95() }} * sqrt(
                {{ p }} * (1 - {{ p }}) / {{ trials }} + {{ z2 }} / (4.0 * {{ trials }} * {{ trials }})
            )
        ) / (1 + {{ z2 }} / {{ trials }})
    )
{%- endmacro %}
