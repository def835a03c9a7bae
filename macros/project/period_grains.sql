{# The periods in which scores are published, with the expression of a day's period. #}
{% macro period_grains(day) %}
    {{ return([
        {'name': 'month', 'start': month_of(day)},
        {'name': 'quarter', 'start': quarter_of(day)},
        {'name': 'year', 'start': year_of(day)},
        {'name': 'all_time', 'start': "cast('1900-01-01' as date)"},
    ]) }}
{% endmacro %}

{# The period before: what a change is measured against. #}
{% macro previous_period(period_grain, period_start) -%}
    case {{ period_grain }}
        when 'month' then {{ add_months(period_start, -1) }}
        when 'quarter' then {{ add_months(period_start, -3) }}
        when 'year' then {{ add_months(period_start, -12) }}
    end
{%- endmacro %}

{# The first day after a period. #}
{% macro period_end(period_grain, period_start) -%}
    case {{ period_grain }}
        when 'month' then {{ add_months(period_start, 1) }}
        when 'quarter' then {{ add_months(period_start, 3) }}
        when 'year' then {{ add_months(period_start, 12) }}
    end
{%- endmacro %}
