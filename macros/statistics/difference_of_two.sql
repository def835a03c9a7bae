{# A bound of the difference of two shares, a − b, by Newcombe's hybrid score method (1998, method 10);
   `side` is '-' for the lower and '+' for the upper. #}
{% macro newcombe_bound(successes_a, trials_a, successes_b, trials_b, side) -%}
    {%- set other = '+' if side == '-' else '-' -%}
    (
        {{ safe_ratio(successes_a, trials_a) }} - {{ safe_ratio(successes_b, trials_b) }}
        {{ side }} sqrt(
            power(
                {{ safe_ratio(successes_a, trials_a) }} - ({{ wilson_bound(successes_a, trials_a, side) }}),
                2
            )
            + power(
                {{ safe_ratio(successes_b, trials_b) }} - ({{ wilson_bound(successes_b, trials_b, other) }}),
                2
            )
        )
    )
{%- endmacro %}

{# The variance of a mean, from the number, the sum and the sum of squares; NULL for one value. #}
{% macro variance_of_mean(n, total, squares) -%}
    case
        when {{ n }} > 1
            then greatest(0.0, {{ squares }} - {{ total }} * {{ total }} / {{ n }})
                / ({{ n }} * ({{ n }} - 1))
    end
{%- endmacro %}
