{# By how many of its first letters a pattern is looked up: as many of these as it has. #}
{% macro opening_lengths() %}
    {{ return([2, 5, 9]) }}
{% endmacro %}
