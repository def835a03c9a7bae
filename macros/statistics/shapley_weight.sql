{# The share of all orders in which exactly these `others` of the `members` come before a given one:
   |S|! (p − |S| − 1)! / p!. #}
{% macro shapley_weight(others, members) -%}
    cast(factorial({{ others }}) as double)
    * cast(factorial({{ members }} - {{ others }} - 1) as double)
    / cast(factorial({{ members }}) as double)
{%- endmacro %}
