{# A bound of the Wilson interval of a share; `side` is '-' for the lower and '+' for the upper. At a
   share of 0 the lower and at 1 the upper bound is the share itself, which the formula only nearly says. #}
{% macro wilson_bound(successes, trials, side) -%}
    {%- set p = safe_ratio(successes, trials) -%}
    {%- set z2 = '(' ~ z95() ~ ' * ' ~ z95() ~ ')' -%}
    case
        when {{ successes }} = {{ '0' if side == '-' else trials }} then {{ p }}
        else (
            {{ p }} + {{ z2 }} / (2 * {{ trials }})
            {{ side }} {{ z95() }} * sqrt(
                {{ p }} * (1 - {{ p }}) / {{ trials }} + {{ z2 }} / (4.0 * {{ trials }} * {{ trials }})
            )
        ) / (1 + {{ z2 }} / {{ trials }})
    end
{%- endmacro %}
