{# What a test of a table's rules says of its key. #}
{% macro rule_of_the_key() %}
    {{- return('no two rows have the same key, and no part of it is empty') -}}
{% endmacro %}


{# Rules and ranges as one mapping of words to expressions. #}
{% macro row_rules(rules, ranges) %}
    {% set found = {} %}
    {% do found.update(rules) %}
    {% for bounded in ranges %}
        {% for column in bounded.columns %}
            {% set bounds = [] %}
            {% set words = [] %}
            {% if bounded.minimum is not none and bounded.minimum is defined %}
                {% do bounds.append(column ~ ' >= ' ~ bounded.minimum ~ ' - 1e-9') %}
                {% do words.append('at least ' ~ bounded.minimum) %}
            {% endif %}
            {% if bounded.maximum is not none and bounded.maximum is defined %}
                {% do bounds.append(column ~ ' <= ' ~ bounded.maximum ~ ' + 1e-9') %}
                {% do words.append('at most ' ~ bounded.maximum) %}
            {% endif %}
            {% set expression = bounds | join(' and ') %}
            {% if bounded.allow_null %}
                {% set expression = 'coalesce(' ~ expression ~ ', true)' %}
            {% endif %}
            {% do found.update({column ~ ' is ' ~ words | join(' and '): '(' ~ expression ~ ')'}) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
