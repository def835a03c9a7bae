{# What can happen between two answers of a person: a flag of int_answer_moves each. #}
{% macro move_flags() %}
    {{ return([
        'contact', 'complaint', 'resolved_complaint', 'unresolved_complaint', 'fault',
        'closed_loop_contact', 'bill_increase', 'bill_decrease', 'retention_action',
    ]) }}
{% endmacro %}

{# Where a person moves to. #}
{% macro categories() %}{{ return(['detractor', 'passive', 'promoter']) }}{% endmacro %}

{# Numbers of moves with the flag and without it, by where they lead to. #}
{% macro move_numbers() %}
    {% set numbers = [] %}
    {% for side in ['with', 'without'] %}
        {% for category in categories() %}
            {% do numbers.append(side ~ '_' ~ category) %}
        {% endfor %}
    {% endfor %}
    {{ return(numbers) }}
{% endmacro %}

{# How long somebody waited to be asked again; a longer wait leaves more time for events and for a change
   of mind. The limits lie between surveys that come by the quarter, half year, year and later. #}
{% macro wait_band(days) -%}
    case
        when {{ days }} < 137 then 'under_4_months'
        when {{ days }} < 274 then '4_to_9_months'
        when {{ days }} < 457 then '9_to_15_months'
        else '15_months_and_more'
    end
{%- endmacro %}
