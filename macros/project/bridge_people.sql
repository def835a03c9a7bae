{# What a person is to the change of a score. #}
{% macro bridge_people() %}
    {{ return(['stayers', 'joiners', 'leavers', 'silent', 'anonymous']) }}
{% endmacro %}

{# Numbers of answers (m) and sums of contributions (y) of each kind of people, before (0) and now (1). #}
{% macro bridge_people_sums() %}
    {% set sums = [] %}
    {% for kind in bridge_people() %}
        {% for number in ['m0', 'y0', 'm1', 'y1'] %}
            {% do sums.append(kind ~ '_' ~ number) %}
        {% endfor %}
    {% endfor %}
    {{ return(sums) }}
{% endmacro %}
