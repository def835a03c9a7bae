{# An amount as money; NULL stays NULL. Means of cents often end in half a cent, and sums of doubles differ
   in their last digits from build to build: rounded at the sixth place first, the same rows always give
   the same cent. #}
{% macro money(amount) -%}
    cast(round(round({{ amount }}, 6), 2) as decimal(18, 2))
{%- endmacro %}

{# The same for a sum of amounts with six places. Such a sum is as wide as decimals are, and an engine
   divides those slowly; nearly all fit into half the width, where it does not. #}
{% macro money_of_sum(sum) -%}
    case
        when {{ sum }} between -100000000000 and 100000000000
            then {{ money('cast(' ~ sum ~ ' as decimal(18, 6))') }}
        else {{ money(sum) }}
    end
{%- endmacro %}

{# An amount in another currency, with the six places that amounts keep until they are published: a
   cent lost or won on each of many small lines would be a sum. The widths are such that neither engine
   overflows, or drops digits of the product before it is rounded. #}
{% macro converted(amount, rate) -%}
    cast(round(cast({{ amount }} as decimal(19, 6)) * {{ rate }}, 6) as decimal(28, 6))
{%- endmacro %}
