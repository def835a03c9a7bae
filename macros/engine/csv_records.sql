{# A CSV file line by line: how lines become records, the same for every engine. DuckDB reads so only the
   files its own reader cannot be trusted with; Spark reads all so, for its reader has no record
   numbers and takes fields it should refuse.

   A line that is a whole row by itself stands alone, whatever the lines before it left open. Between
   such lines a record ends where no quote is open; one that cannot be taken apart is counted, and read,
   line by line: so a quote that is never closed costs its own line and no other. #}

{# The records of *lines* (line, value, is_text): source_row (the header's is 1), record, is_well_formed.
   A record without any value is none. #}
{% macro csv_records(dataset, columns, lines) %}
{% set width = columns.header | length %}
    with

    lines_judged as (

        select
            line,
            value,
            is_text,
            is_text and coalesce({{ is_csv_record('value', width) }}, false) as is_whole,
            is_text and coalesce({{ stands_alone(dataset, columns, 'value') }}, false) as stands_alone
        from {{ lines }}

    ),

    lines_placed as (

        select
            line,
            coalesce(value, '') as value,
            is_whole,
            stands_alone or not is_text as is_alone,
            case when is_whole then 0 else length(value) - length(replace(value, '"', '')) end as quotes,
            sum(case when stands_alone or not is_text then 1 else 0 end) over (order by line) as stretch
        from lines_judged

    ),

    lines_counted as (

        select
            *,
            case
                when sum(quotes) over (partition by stretch, is_alone order by line) % 2 = 0 then 1 else 0
            end as closes
        from lines_placed

    ),

    lines_grouped as (

        select
            *,
            sum(closes) over (partition by stretch, is_alone order by line) - closes as record_number
        from lines_counted

    ),

    joined as (

        select
            stretch,
            is_alone,
            record_number,
            min(line) as line,
            {{ joined_lines('value', 'line') }} as record,
            count(*) as line_count,
            {# A line alone is judged already. #}
            max(case when is_whole then 1 else 0 end) = 1 as has_whole_line
        from lines_grouped
        group by stretch, is_alone, record_number

    ),

    records_judged as (

        select
            *,
            case
                when line_count = 1 then has_whole_line
                else {{ is_csv_record('record', width) }}
            end as is_well_formed
        from joined

    ),

    records as (

        select
            line,
            record,
            is_well_formed
        from records_judged
        where is_well_formed or line_count = 1

        union all

        select
            parts.line,
            parts.value as record,
            parts.is_whole as is_well_formed
        from lines_grouped as parts
        inner join records_judged as broken
            on
                parts.stretch = broken.stretch
                and parts.is_alone = broken.is_alone
                and parts.record_number = broken.record_number
        where not broken.is_well_formed and broken.line_count > 1

    )

    select
        row_number() over (order by line) as source_row,
        record,
        is_well_formed
    from records
    where {{ is_filled_record('record') }}
{% endmacro %}


{# Whether a line is a row by itself: as many fields as the header, nothing required empty, every number
   and date one, and at least one of them there (of a file that has such columns). #}
{% macro stands_alone(dataset, columns, line) -%}
    {%- set fields = csv_fields(line) -%}
    {%- set conditions = [is_csv_record(line, columns.header | length)] -%}
    {%- set typed = [] -%}
    {%- for column in dataset.columns if column.name in columns.places -%}
        {%- set value = csv_value(csv_field(fields, columns.places[column.name])) -%}
        {%- if column.type != 'text' -%}
            {%- do typed.append(parse_value(column.type, value)) -%}
        {%- endif -%}
        {%- if column.required -%}
            {%- do conditions.append(parse_value(column.type, value) ~ ' is not null') -%}
        {%- elif column.type != 'text' -%}
            {%- do conditions.append(
                '(' ~ parse_value(column.type, value) ~ ' is not null or ' ~ value ~ ' is null)'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if typed -%}
        {%- do conditions.append('coalesce(' ~ as_texts(typed) | join(', ') ~ ') is not null') -%}
    {%- endif -%}
    {{ return('(' ~ conditions | join('\n                and ') ~ ')') }}
{%- endmacro %}


{% macro as_texts(expressions) %}
    {% set texts = [] %}
    {% for expression in expressions %}
        {% do texts.append('cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')') %}
    {% endfor %}
    {{ return(texts) }}
{% endmacro %}


{# Whether a text is a whole record of so many fields; empty fields past the last are nothing. #}
{% macro is_csv_record(text, width) -%}
    {{ return(adapter.dispatch('is_csv_record', 'pointworth')(text, width)) }}
{%- endmacro %}

{% macro default__is_csv_record(text, width) -%}
    {%- set field = '("[^"]*+(""[^"]*+)*+"|[^",][^,]*+|)' -%}
    {{ text }} rlike r'(?s)^{{ field }}(,{{ field }}){{ '{' }}{{ width - 1 }}{{ '}' }},*$'
{%- endmacro %}

{% macro duckdb__is_csv_record(text, width) -%}
    {%- set field = '("([^"]|"")*"|[^",][^,]*|)' -%}
    regexp_full_match({{ text }}, '{{ field }}(,{{ field }}){{ '{' }}{{ width - 1 }}{{ '}' }},*', 's')
{%- endmacro %}


{# Whether a record has any value. #}
{% macro is_filled_record(record) -%}
    translate({{ record }}, {{ text_literal('," \t\r\n\x1a') }}, '') <> ''
{%- endmacro %}


{# The fields of a well-formed record, quotes and all. #}
{% macro csv_fields(record) -%}
    {{ return(adapter.dispatch('csv_fields', 'pointworth')(record)) }}
{%- endmacro %}

{% macro default__csv_fields(record) -%}
    regexp_extract_all({{ record }} || ',', r'(?s)("[^"]*+(?:""[^"]*+)*+"|[^",][^,]*+|),', 1)
{%- endmacro %}

{% macro duckdb__csv_fields(record) -%}
    regexp_extract_all({{ record }} || ',', '("(?:[^"]|"")*"|[^",][^,]*|),', 1, 's')
{%- endmacro %}


{# One of them, from its place (the first is 0). #}
{% macro csv_field(fields, place) -%}
    {{ return(adapter.dispatch('csv_field', 'pointworth')(fields, place)) }}
{%- endmacro %}

{% macro default__csv_field(fields, place) -%}
    {{ fields }}[{{ place }}]
{%- endmacro %}

{% macro duckdb__csv_field(fields, place) -%}
    {{ fields }}[{{ place + 1 }}]
{%- endmacro %}


{# A field without its quotes; an empty one is NULL. #}
{% macro csv_value(field) -%}
    nullif(
        case
            when {{ field }} like '"%' then replace(substring({{ field }}, 2, length({{ field }}) - 2), '""', '"')
            else {{ field }}
        end,
        ''
    )
{%- endmacro %}


{# The lines of a group as one text, in their order. #}
{% macro joined_lines(value, line) -%}
    {{ return(adapter.dispatch('joined_lines', 'pointworth')(value, line)) }}
{%- endmacro %}

{% macro default__joined_lines(value, line) -%}
    array_join(transform(array_sort(collect_list(struct({{ line }}, {{ value }}))), part -> part.{{ value }}), '\n')
{%- endmacro %}

{% macro duckdb__joined_lines(value, line) -%}
    string_agg({{ value }}, e'\n' order by {{ line }})
{%- endmacro %}
