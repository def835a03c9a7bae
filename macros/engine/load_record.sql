{# What the home keeps of earlier runs (var this_run), as tables of schema `record`: the figures they
   published, the months that were closed, and the rows behind the figures as the last run had them.
   Empty where nothing is kept, as with plain dbt. #}
{% macro load_record() %}
    {% set kept = this_run().get('record', {}) %}
    {% do run_command('create schema if not exists record') %}
    {% for name in ['figures', 'closes'] %}
        {% do load_kept_texts(name, record_columns(name), kept.get(name)) %}
    {% endfor %}
    {% do load_kept_rows(kept.get('figure_rows')) %}
{% endmacro %}


{# The columns of a table of the record, as its source says. #}
{% macro record_columns(name) %}
    {% set found = [] %}
    {% for source in graph.sources.values() if source.source_name == 'record' and source.name == name %}
        {% do found.extend(source.columns.keys()) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{% macro load_kept_texts(name, columns, path) %}
    {{ return(adapter.dispatch('load_kept_texts', 'pointworth')(name, columns, path)) }}
{% endmacro %}

{% macro duckdb__load_kept_texts(name, columns, path) %}
    {% do run_command('create or replace table record.' ~ name ~ ' (' ~ columns | join(' varchar, ') ~ ' varchar)') %}
    {% if path %}
        {% set types = [] %}
        {% for column in columns %}{% do types.append("'" ~ column ~ "': 'varchar'") %}{% endfor %}
        {% do run_command(
            'insert into record.' ~ name ~ ' select * from read_csv(' ~ path_literal(path)
            ~ ", header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', columns = {"
            ~ types | join(', ') ~ '})'
        ) %}
    {% endif %}
{% endmacro %}

{% macro spark__load_kept_texts(name, columns, path) %}
    {% do run_command('drop table if exists record.' ~ name ~ ' purge') %}
    {% do run_command('create table record.' ~ name ~ ' (' ~ columns | join(' string, ') ~ ' string) using iceberg') %}
    {% if path %}
        {% do run_command(
            'create or replace temporary view kept_texts (' ~ columns | join(' string, ') ~ ' string) using csv options (path '
            ~ text_literal(path) ~ ", header 'true', quote '\"', escape '\"', multiLine 'true')"
        ) %}
        {% do run_command('insert into record.' ~ name ~ ' select * from kept_texts') %}
        {% do run_command('drop view if exists kept_texts') %}
    {% endif %}
{% endmacro %}


{% macro load_kept_rows(path) %}
    {{ return(adapter.dispatch('load_kept_rows', 'pointworth')(path)) }}
{% endmacro %}

{# A view: the file stays where it is while the build lasts, and it has a row per invoice line. #}
{% macro duckdb__load_kept_rows(path) %}
    {% if path %}
        {% do run_command(
            'create or replace view record.figure_rows as select * from read_parquet(' ~ path_literal(path) ~ ')'
        ) %}
    {% else %}
        {% do run_command(
            'create or replace view record.figure_rows as select null::varchar as figure, null::date as period_start, '
            ~ 'null::varchar as part, null::ubigint as row_key, null::integer as content, null::boolean as is_counted, '
            ~ 'null::decimal(28, 6) as value, null::decimal(28, 6) as value_in_currency where false'
        ) %}
    {% endif %}
{% endmacro %}

{# Spark hashes in its own way and hands no rows over: what differs there is not taken apart. #}
{% macro spark__load_kept_rows(path) %}
    {% do run_command('drop table if exists record.figure_rows purge') %}
    {% do run_command(
        'create table record.figure_rows (figure string, period_start date, part string, row_key bigint, content int, '
        ~ 'is_counted boolean, value decimal(28, 6), value_in_currency decimal(28, 6)) using iceberg'
    ) %}
{% endmacro %}
