{# Text to a typed value, or NULL where the text is not one. ISO dates only: a lenient reader would
   accept 3/4/2016 and be wrong half of the time. #}
{% macro parse_value(data_type, text) -%}
    {{ return(adapter.dispatch('parse_value', 'pointworth')(data_type, text)) }}
{%- endmacro %}

{# A landed value as text, however it was landed. #}
{% macro as_text(value) -%}
    cast({{ value }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro default__parse_value(data_type, text) -%}
    {%- if data_type == 'text' -%}
        nullif(trim({{ text }}), '')
    {%- elif data_type == 'number' -%}
        try_cast(replace({{ text }}, '_', '?') as decimal(18, 4))
    {%- elif data_type == 'amount' -%}
        try_cast(replace({{ text }}, '_', '?') as decimal(18, 6))
    {%- elif data_type == 'rate' -%}
        try_cast(replace({{ text }}, '_', '?') as decimal(18, 8))
    {%- elif data_type == 'boolean' -%}
        case
            when lower(trim({{ text }})) in ('true', '1') then true
            when lower(trim({{ text }})) in ('false', '0') then false
        end
    {%- elif data_type == 'timestamp' -%}
        {{ utc_timestamp(text) }}
    {%- elif data_type == 'date' -%}
        {{ date_as_written(text) }}
    {%- elif data_type == 'month' -%}
        case
            when trim({{ text }}) like '____-__' then try_cast(trim({{ text }}) || '-01' as date)
            else {{ month_of(date_as_written(text)) }}
        end
    {%- else -%}
        {{ exceptions.raise_compiler_error('The landing contract knows no data type ' ~ data_type) }}
    {%- endif -%}
{%- endmacro %}


{# The day as it is written, whatever the offset: a midnight at home is no evening of the day before. #}
{% macro date_as_written(text) -%}
    case
        when length(trim({{ text }})) = 10
            then case when trim({{ text }}) like '____-__-__' then try_cast(trim({{ text }}) as date) end
        when {{ utc_timestamp(text) }} is not null then try_cast(substring(trim({{ text }}), 1, 10) as date)
    end
{%- endmacro %}


{# DuckDB lands the columns of a Parquet file as they are typed there, where that fits: these types, as a
   regular expression. A double is no number of a contract: its text is, without what binary adds. #}
{% macro typed_values(data_type) -%}
    {{ return({
        'text': 'VARCHAR',
        'number': 'DECIMAL.*|U?(TINY|SMALL|BIG)?INT|U?INTEGER',
        'amount': 'DECIMAL.*|U?(TINY|SMALL|BIG)?INT|U?INTEGER',
        'rate': 'DECIMAL.*|U?(TINY|SMALL|BIG)?INT|U?INTEGER',
        'boolean': 'BOOLEAN',
        'date': 'DATE|TIMESTAMP',
        'month': 'DATE',
        'timestamp': 'DATE|TIMESTAMP',
    }[data_type]) }}
{%- endmacro %}

{# Such a value as the contract wants it; any other is read as text. The engine knows which when it reads the
   statement, so that a row pays for one of the two only. A year that is not of four digits is no date, typed
   or not. #}
{% macro duckdb__parse_value(data_type, value) -%}
    {%- if data_type == 'text' -%}
        {{ default__parse_value('text', value) }}
    {%- else -%}
    case
        when regexp_full_match(typeof({{ value }}), '{{ typed_values(data_type) }}')
            then {{ typed_value(data_type, value) }}
        else {{ default__parse_value(data_type, as_text(value)) }}
    end
    {%- endif -%}
{%- endmacro %}

{% macro typed_value(data_type, value) -%}
    {%- set places = {'number': 4, 'amount': 6, 'rate': 8} -%}
    {%- set types = {'boolean': 'boolean', 'timestamp': 'timestamp', 'date': 'date', 'month': 'date'} -%}
    {%- if data_type in places -%}
        try_cast({{ value }} as decimal(18, {{ places[data_type] }}))
    {%- elif data_type == 'boolean' -%}
        try_cast({{ value }} as boolean)
    {%- else -%}
        {%- set day = 'try_cast(' ~ value ~ ' as ' ~ types[data_type] ~ ')' -%}
        case
            when {{ day }} >= {{ types[data_type] }} '0001-01-01' and {{ day }} < {{ types[data_type] }} '10000-01-01'
                then {{ month_of(day) if data_type == 'month' else day }}
        end
    {%- endif -%}
{%- endmacro %}
