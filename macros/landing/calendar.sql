{# Which days can be meant. A day beyond them is a slip or a stand-in for no day at all: the row that has
   it is rejected, so that no calendar and no sum has to reach to 1900 or to 9999. #}


{# Rejected: before the calendar (of what began before the records, before its own), or after it. #}
{% macro beyond_the_calendar(column) %}
    {% if column.type not in ('date', 'month', 'timestamp') or column.calendar == 'any' %}
        {{ return(none) }}
    {% endif %}
    {% set value = 'typed.' ~ column.name %}
    {% set first_day = var('origins_from') if column.calendar == 'origin' else var('calendar_from') %}
    {% set is_before = value ~ " < cast('" ~ first_day ~ "' as date)" %}
    {% if column.calendar == 'open' %}
        {{ return(is_before) }}
    {% endif %}
    {{ return('(' ~ is_before ~ ' or ' ~ is_after_the_calendar(value) ~ ')') }}
{% endmacro %}


{# The value of a column as accepted. Where empty means `not yet`, so does a day beyond the calendar:
   9999-12-31 is how many systems write an end that is not known. #}
{% macro in_sight(column) %}
    {% set value = 'typed.' ~ column.name %}
    {% if column.calendar == 'open' %}
        {{ return('case when not ' ~ is_after_the_calendar(value) ~ ' then ' ~ value ~ ' end') }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}


{% macro is_after_the_calendar(value) %}
    {{ return(
        value ~ " >= cast('" ~ (modules.datetime.date.fromisoformat(var('calendar_to') | string)
        + modules.datetime.timedelta(days=1)) ~ "' as date)"
    ) }}
{% endmacro %}


{# The last day on which something can have happened: the as-of date when one is given, and the day of
   the build where the command gives it; none with neither. #}
{% macro last_day_of_events(as_of_date=var('as_of_date'), not_after=var('not_after')) %}
    {{ return([as_of_date, not_after] | select | map('string') | sort | first) }}
{% endmacro %}


{# The same for the time of a dataset. A customer or a contract that begins later than the day of the
   build is no event but a plan; what is known as of a date has none of either. #}
{% macro last_day_of(dataset, as_of_date=var('as_of_date'), not_after=var('not_after')) %}
    {% set time = dataset.columns | selectattr('name', 'equalto', dataset.time) | first %}
    {{ return(last_day_of_events(as_of_date, none if time and time.calendar == 'origin' else not_after)) }}
{% endmacro %}
