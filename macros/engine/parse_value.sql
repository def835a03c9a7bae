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
        try_cast(replace({{ text }}, '_', '?') as decimal(18, 2))
    {%- elif data_type == 'rate' -%}
        try_cast(replace({{ text }}, '_', '?') as decimal(18, 8))
    {%- elif data_type == 'boolean' -%}
        case
            when lower(trim({{ text }})) in ('true', '1') then true
            when lower(trim({{ text }})) in ('false', '0') then false
        end
    {%- elif data_type == 'timestamp' -%}
        case
            when trim({{ text }}) like '____-__-__%' then {{ utc_timestamp(text) }}
        end
    {%- elif data_type == 'date' -%}
        case
            when trim({{ text }}) not like '____-__-__%' then null
            when length(trim({{ text }})) = 10 then try_cast(trim({{ text }}) as date)
            else cast({{ utc_timestamp(text) }} as date)
        end
    {%- elif data_type == 'month' -%}
        case
            when trim({{ text }}) like '____-__' then try_cast(trim({{ text }}) || '-01' as date)
            when trim({{ text }}) like '____-__-__%'
                then {{ month_of('try_cast(substring(trim(' ~ text ~ '), 1, 10) as date)') }}
        end
    {%- else -%}
        {{ exceptions.raise_compiler_error('The landing contract knows no data type ' ~ data_type) }}
    {%- endif -%}
{%- endmacro %}
