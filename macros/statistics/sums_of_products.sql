{# The error of a figure that is made of a few sums over clusters, customers mostly. What a cluster does
   to the figure is linear in its own quantities, so the variance is made of the sums over clusters of
   their products: these are summed once, and every figure takes its variance from them. #}

{# The products of each of `quantities` with itself, those after it and `others`. #}
{% macro products_of(quantities, others=[]) %}
    {% set products = [] %}
    {% for left in quantities %}
        {% for right in quantities[loop.index0:] + others %}
            {% do products.append({'left': left, 'right': right, 'name': left ~ '_by_' ~ right}) %}
        {% endfor %}
    {% endfor %}
    {{ return(products) }}
{% endmacro %}


{# The columns that hold their sums. #}
{% macro names_of_products(quantities, others=[]) %}
    {{ return(products_of(quantities, others) | map(attribute='name') | list) }}
{% endmacro %}


{# Their sums over clusters, of which a row may stand for several. #}
{% macro sums_of_products(quantities, others=[], clusters=none) -%}
    {%- for product in products_of(quantities, others) %}
    cast(sum({{ clusters ~ ' * ' if clusters }}{{ product.left }} * {{ product.right }}) as double)
        as {{ product.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# Σ (α a + β b + …)² over clusters, from these sums. `weights` maps the quantities a, b, … to α, β, …;
   `whose` is the beginning of the sums' names. #}
{% macro sum_of_squares(weights, whose='') -%}
    (
        {%- for product in products_of(weights | list) %}
        {{ '+ ' if not loop.first }}{{ '2 * ' if product.left != product.right -}}
        ({{ weights[product.left] }}) * ({{ weights[product.right] }}) * {{ whose }}{{ product.name }}
        {%- endfor %}
    )
{%- endmacro %}


{# Weights that are columns named after their quantities: `form` is the beginning of their names. #}
{% macro weights_in(form, quantities) %}
    {% set weights = {} %}
    {% for quantity in quantities %}
        {% do weights.update({quantity: form ~ '_' ~ quantity}) %}
    {% endfor %}
    {{ return(weights) }}
{% endmacro %}


{# The variance of an estimate whose influence is such a weighted sum, for so many customers. #}
{% macro clustered_variance(weights, customers) -%}
    {{ safe_ratio(customers, customers ~ ' - 1') }} * greatest(0.0, {{ sum_of_squares(weights) }})
{%- endmacro %}
