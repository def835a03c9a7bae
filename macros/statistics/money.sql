{# An amount as money; NULL stays NULL. #}
{% macro money(amount) -%}
    cast(round({{ amount }}, 2) as decimal(18, 2))
{%- endmacro %}

{# An amount in another currency, with the six places that amounts keep until they are published: a
   cent lost or won on each of many small lines would be a sum. The widths are such that neither engine
   overflows, or drops digits of the product before it is rounded. #}
{% macro converted(amount, rate) -%}
    cast(round(cast({{ amount }} as decimal(19, 6)) * {{ rate }}, 6) as decimal(28, 6))
{%- endmacro %}
