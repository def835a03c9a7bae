{# The error of a figure that is made of a few sums over clusters. What a cluster does to the figure is
   linear in its own numbers, so the variance is made of the sums over clusters of their products. #}

{# The products of two of the numbers. #}
{% macro products_of(numbers) %}
    {% set products = [] %}
    {% for left in numbers %}
        {% for right in numbers[loop.index0:] %}
            {% do products.append(
                {'left': left, 'right': right, 'name': left ~ '_' ~ right, 'is_square': left == right}
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(products) }}
{% endmacro %}

{# Σ (α a + β b + …)² over clusters, from the sums of products. `form` is the beginning of the names of the
   coefficients α, β, …, `sums` that of the sums. #}
{% macro sum_of_squared_forms(numbers, form, sums='') -%}
    (
        {%- for product in products_of(numbers) %}
        {{ '+ ' if not loop.first }}{{ '2 * ' if not product.is_square -}}
        {{ form }}_{{ product.left }} * {{ form }}_{{ product.right }} * {{ sums }}{{ product.name }}
        {%- endfor %}
    )
{%- endmacro %}
