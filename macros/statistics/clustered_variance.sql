{# The variance of an estimate whose influence, customer by customer, is a weighted sum of quantities of
   the customer (mentions, their contribution, texts, their contribution). All it needs of the customers
   is the sums of the products of these quantities: they are summed once, and every estimate takes its
   variance from them. #}

{# The products of each of `columns` with itself, those after it and `others`, as pairs. #}
{% macro product_pairs(columns, others=[]) %}
    {% set pairs = [] %}
    {% for first in columns %}
        {% for second in columns[loop.index0:] + others %}
            {% do pairs.append([first, second]) %}
        {% endfor %}
    {% endfor %}
    {{ return(pairs) }}
{% endmacro %}


{# The columns that hold their sums. #}
{% macro product_names(columns, others=[]) %}
    {% set names = [] %}
    {% for pair in product_pairs(columns, others) %}
        {% do names.append(pair | join('_by_')) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Their sums over customers: whole numbers, exact as doubles and so the same in any order. #}
{% macro sums_of_products(columns, others=[]) -%}
    {%- for first, second in product_pairs(columns, others) %}
    cast(sum({{ first }} * {{ second }}) as double) as {{ first }}_by_{{ second }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The variance from the weight of each quantity, the quantities in the order of the sums. #}
{% macro clustered_variance(weights, customers) -%}
    {{ safe_ratio(customers, customers ~ ' - 1') }} * greatest(
        0.0,
        {%- for first, second in product_pairs(weights.keys() | list) %}
        {{ '+ ' if not loop.first }}{{ '2 * ' if first != second }}({{ weights[first] }}) * ({{ weights[second] }})
        * {{ first }}_by_{{ second }}
        {%- endfor %}
    )
{%- endmacro %}
