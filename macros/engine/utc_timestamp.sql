{# Text with or without an offset to a timestamp in UTC; NULL where it is none. The forms of ISO 8601 in
   its extended format: seconds and minutes may be left out, the fraction may have any length and a
   comma, 24:00 is the end of a day, an offset may have no minutes. A zone by its name is refused,
   because a summer time is not an offset, and because DuckDB 1.5 goes on to read the values after it
   in that zone.
   Nearly every text has the form that an engine reads by itself; only others are taken apart. #}
{% macro utc_timestamp(text) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set hour = '([01][0-9]|2[0-3])' -%}
    {%- set offset = '[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?' -%}
    {%- set usual = '^ *' ~ day ~ '([T ]' ~ hour ~ ':[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|' ~ offset ~ ')?)? *$' -%}
    {%- set allowed = '^ *' ~ day ~ '([Tt ](' ~ hour ~ '(:[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?)?'
        ~ '|24(:00(:00([.,]0+)?)?)?) ?([Zz]|UTC|' ~ offset ~ ')?)? *$' -%}
    {{ return(adapter.dispatch('utc_timestamp', 'pointworth')(text, usual, allowed)) }}
{%- endmacro %}

{% macro default__utc_timestamp(text, usual, allowed) -%}
    case
        when {{ text }} rlike '{{ usual }}' then try_cast(trim({{ text }}) as timestamp)
        when {{ text }} rlike '{{ allowed }}'
            then {{ add_hours('try_cast(' ~ canonical_time(text) ~ ' as timestamp)', hours_of_a_full_day(text)) }}
    end
{%- endmacro %}

{# DuckDB's cast to timestamp drops the offset; the one to timestamptz heeds it. #}
{% macro duckdb__utc_timestamp(text, usual, allowed) -%}
    case
        when regexp_matches({{ text }}, '{{ usual }}') then timezone('UTC', try_cast(trim({{ text }}) as timestamptz))
        when regexp_matches({{ text }}, '{{ allowed }}')
            then {{ add_hours(
                "timezone('UTC', try_cast(" ~ canonical_time(text) ~ ' as timestamptz))', hours_of_a_full_day(text)
            ) }}
    end
{%- endmacro %}


{# An allowed form written in full: YYYY-MM-DD hh:mm:ss[.fraction]+hh:mm, 24:00 as 00:00. #}
{% macro canonical_time(text) -%}
    {%- set clock = "'^.{10}.([0-9]{2}):?([0-9]{2})?:?([0-9]{2})?[.,]?([0-9]+)?'" -%}
    {%- set time = 'trim(' ~ text ~ ')' -%}
    {%- set part = 'regexp_extract(' ~ time ~ ', ' ~ clock ~ ', ' -%}
    {%- set offset = "regexp_extract(" ~ time ~ ", '.{11}.*([+-])([0-9]{2}):?([0-9]{2})?$', " -%}
    substring({{ time }}, 1, 10)
    || ' ' || replace({{ part }}1), '24', '00')
    || ':' || coalesce(nullif({{ part }}2), ''), '00')
    || ':' || coalesce(nullif({{ part }}3), ''), '00')
    || case when {{ part }}4) <> '' then '.' || {{ part }}4) else '' end
    || case
        when {{ offset }}1) <> ''
            then {{ offset }}1) || {{ offset }}2) || ':' || coalesce(nullif({{ offset }}3), ''), '00')
        else ''
    end
{%- endmacro %}


{% macro hours_of_a_full_day(text) -%}
case when substring(trim({{ text }}), 12, 2) = '24' then 24 else 0 end
{%- endmacro %}
