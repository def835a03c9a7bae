{# The error of a bridge between two periods. Everything in a bridge is made of four sums over clusters:
   answers (m) and contributions (y), before (0) and now (1). What a cluster does to a figure is linear in
   its own four numbers, so the figure's variance is made of the sums of their products. #}

{# The products of two of the four numbers. #}
{% macro bridge_moments() %}
    {% set names = ['m0', 'y0', 'm1', 'y1'] %}
    {% set moments = [] %}
    {% for left in names %}
        {% for right in names[loop.index0:] %}
            {% do moments.append(
                {'left': left, 'right': right, 'name': left ~ '_' ~ right, 'is_square': left == right}
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(moments) }}
{% endmacro %}

{# Σ (a m0 + b y0 + c m1 + d y1)² over clusters, from the sums of products. `form` is the beginning of the
   names of a, b, c and d, `sums` that of the sums. #}
{% macro sum_of_squared_forms(form, sums='') -%}
    (
        {%- for moment in bridge_moments() %}
        {{ '+ ' if not loop.first }}{{ '2 * ' if not moment.is_square -}}
        {{ form }}_{{ moment.left }} * {{ form }}_{{ moment.right }} * {{ sums }}{{ moment.name }}
        {%- endfor %}
    )
{%- endmacro %}

{# What a person is to the change of a score. #}
{% macro bridge_people() %}
    {{ return(['stayers', 'joiners', 'leavers', 'silent', 'anonymous']) }}
{% endmacro %}

{# Numbers of answers and sums of contributions of each kind of people, before and now. #}
{% macro bridge_people_sums() %}
    {% set sums = [] %}
    {% for kind in bridge_people() %}
        {% for number in ['m0', 'y0', 'm1', 'y1'] %}
            {% do sums.append(kind ~ '_' ~ number) %}
        {% endfor %}
    {% endfor %}
    {{ return(sums) }}
{% endmacro %}
