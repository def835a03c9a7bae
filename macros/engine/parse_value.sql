{# Text to a typed value, or NULL where the text is not one. ISO dates only: a lenient reader would
   accept 3/4/2016 and be wrong half of the time. #}
{% macro parse_value(data_type, text) -%}
    {{ return(adapter.dispatch('parse_value', 'pointworth')(data_type, text)) }}
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
