{# Calendar arithmetic on dates; every result is a date or a whole number. #}

{# First day of the month of a date. #}
{% macro month_of(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}

{# First day of the quarter of a date. #}
{% macro quarter_of(date) -%}
    cast(date_trunc('quarter', {{ date }}) as date)
{%- endmacro %}

{# First day of the year of a date. #}
{% macro year_of(date) -%}
    cast(date_trunc('year', {{ date }}) as date)
{%- endmacro %}

{# A date moved by a whole number of days (a literal or a column). #}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'pointworth')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{# A date moved by a whole number of months; the day is kept or cut to the month's last. #}
{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch('add_months', 'pointworth')(date, months)) }}
{%- endmacro %}

{% macro default__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as int))
{%- endmacro %}

{% macro duckdb__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{# Days from one date to another. #}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between', 'pointworth')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}

{% macro duckdb__days_between(from_date, to_date) -%}
    cast({{ to_date }} - {{ from_date }} as integer)
{%- endmacro %}

{# A running number of months, so that months can be added and compared as whole numbers. #}
{% macro month_number(date) -%}
    cast(extract(year from {{ date }}) * 12 + extract(month from {{ date }}) - 1 as int)
{%- endmacro %}

{# First day of the month with a running number. #}
{% macro month_from_number(number) -%}
    {{ add_months("cast('1970-01-01' as date)", '(' ~ number ~ ') - 1970 * 12') }}
{%- endmacro %}

{# A running number of quarters. #}
{% macro quarter_number(date) -%}
    cast(extract(year from {{ date }}) * 4 + extract(quarter from {{ date }}) - 1 as int)
{%- endmacro %}
