{# How Spark reads the landing folder: CSV as lines of text that are put together to records and taken
   apart here. Spark's own CSV reader has no record numbers, and takes fields it should refuse. #}

{% macro spark__begin_landing(continues) %}
    {% do run_command('create schema if not exists landing') %}
    {# The landing is listed once; only paths are selected, so no file is opened. #}
    {% do run_command(
        'create or replace temporary view landing_listing using binaryFile options (path '
        ~ text_literal(var('landing').rstrip('/'))
        ~ ", recursiveFileLookup 'true')"
    ) %}
    {% do run_command('cache table landing_paths as select path from landing_listing') %}
    {% do drop_workshop() %}
    {% do new_landing_table('loaded_files', 'dataset string, source_file string, file_format string, rows_read bigint') %}
    {% do new_landing_table('malformed_rows', 'dataset string, source_file string, source_row bigint, raw_text string') %}
    {% do new_landing_table('ignored_columns', 'dataset string, source_file string, column_name string') %}
    {% do new_landing_table('passed_over', 'source_file string') %}
    {% do new_landing_table('unread_files', 'source_file string') %}
    {% do new_landing_table('absent_datasets', 'dataset string') %}
    {# Drawn by the engine, so that no log holds it. #}
    {% do run_command(
        'create table if not exists landing.secret using iceberg as select cast(uuid() as string) as secret'
    ) %}
{% endmacro %}


{# Iceberg keeps what a replaced table held; so the tables of the last build go first, but for marts,
   which have readers, and for tables that are not of this project. #}
{% macro drop_workshop() %}
    {% set notes = ['loaded_files', 'malformed_rows', 'ignored_columns', 'passed_over', 'unread_files', 'absent_datasets'] %}
    {% set own = {'landing': notes + landing_datasets()} %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') %}
        {% if node.access != 'public' %}
            {% do own.setdefault(node.schema, []).append(node.alias) %}
            {% do adapter.cache_dropped(api.Relation.create(schema=node.schema, identifier=node.alias, type='table')) %}
        {% endif %}
    {% endfor %}
    {% for namespace in run_query('show namespaces').columns[0].values() if namespace in own %}
        {% do drop_tables(namespace, own[namespace]) %}
    {% endfor %}
{% endmacro %}


{# The tables of a namespace that are there, of those named; with their files. #}
{% macro drop_tables(namespace, names=none) %}
    {% for row in run_query('show tables in ' ~ namespace).rows if names is none or row['tableName'] in names %}
        {% do run_command('drop table ' ~ namespace ~ '.' ~ row['tableName'] ~ ' purge') %}
    {% endfor %}
{% endmacro %}


{% macro new_landing_table(name, columns) %}
    {% do run_command('create table landing.' ~ name ~ ' (' ~ columns ~ ') using iceberg') %}
{% endmacro %}


{# Counted at the end, all files in one pass; a file without a row is one all the same. #}
{% macro spark__end_landing() %}
    {% set files, rows = [], ['select dataset, source_file from landing.malformed_rows'] %}
    {% set found = landing_files(var('landing')) %}
    {% for name in landing_datasets() %}
        {% do rows.append('select ' ~ text_literal(name) ~ ', source_file from landing.' ~ name) %}
        {% for file in found.claimed.get(name, []) %}
            {% do files.append(
                '(' ~ text_literal(name) ~ ', ' ~ text_literal(file.source_file) ~ ', '
                ~ text_literal(file.format) ~ ')'
            ) %}
        {% endfor %}
    {% endfor %}
    {% do run_command(
        'insert into landing.loaded_files '
        ~ 'select files.dataset, files.source_file, files.file_format, count(landed.source_file) '
        ~ 'from (values ' ~ files | join(', ') ~ ') as files (dataset, source_file, file_format) '
        ~ 'left join (' ~ rows | join(' union all ') ~ ') as landed '
        ~ 'on files.dataset = landed.dataset and files.source_file = landed.source_file '
        ~ 'group by files.dataset, files.source_file, files.file_format'
    ) %}
    {% do run_command('uncache table if exists landing_paths') %}
    {% for view in ['landing_paths', 'landing_listing', 'landing_lines', 'landing_records'] %}
        {% do run_command('drop view if exists ' ~ view) %}
    {% endfor %}
{% endmacro %}


{% macro spark__list_landing(folder) %}
    {{ return(run_query('select path from landing_paths order by path').columns[0].values() | list) }}
{% endmacro %}


{% macro spark__create_landing_table(dataset, is_absent, continues) %}
    {% do new_landing_table(
        dataset.name,
        dataset.columns | map(attribute='name') | join(' string, ')
        ~ ' string, source_file string, source_row bigint'
    ) %}
    {% if is_absent %}
        {% do run_command('insert into landing.absent_datasets values (' ~ text_literal(dataset.name) ~ ')') %}
    {% endif %}
{% endmacro %}


{% macro spark__landing_parquet_columns(file) %}
    {{ return(run_query(
        'describe query select * from parquet.`' ~ file.path ~ '`'
    ).columns[0].values() | list) }}
{% endmacro %}


{% macro spark__landing_file_header(file) %}
    {{ return(run_query('select value from text.`' ~ file.path ~ '` limit 50').columns[0].values() | list) }}
{% endmacro %}


{% macro spark__append_landing_file(dataset, file, version, columns, partition_keys, is_careful) %}
    {% set source_file = text_literal(file.source_file) %}
    {% set fields = [] %}
    {% for name in columns.header %}
        {% do fields.append(
            'cast(`' ~ name ~ '` as string)' if file.format == 'parquet'
            else csv_value(csv_field('fields', loop.index0))
        ) %}
    {% endfor %}
    {% set selected = landing_values(dataset, file, columns, partition_keys, fields) | join(', ') ~ ', ' ~ source_file %}
    {% if file.format == 'parquet' %}
        {% do run_command(
            'insert into landing.' ~ dataset.name ~ ' select ' ~ selected
            ~ ', _metadata.row_index + 2 from parquet.`' ~ file.path ~ '`'
        ) %}
        {{ return('') }}
    {% endif %}
    {% do run_command(
        'create or replace temporary view landing_lines as select value, monotonically_increasing_id() as line, '
        ~ "instr(value, '\\ufffd') = 0 as is_text from text.`" ~ file.path ~ '`'
    ) %}
    {% do run_command(
        'create or replace temporary view landing_records as ' ~ csv_records(dataset, columns, 'landing_lines')
    ) %}
    {% do run_command(
        'insert into landing.' ~ dataset.name ~ ' select ' ~ selected ~ ', source_row from '
        ~ '(select source_row, ' ~ csv_fields('record') ~ ' as fields from landing_records '
        ~ 'where is_well_formed and source_row > 1)'
    ) %}
    {% do run_command(
        'insert into landing.malformed_rows select ' ~ text_literal(dataset.name) ~ ', '
        ~ source_file ~ ', source_row, record from landing_records '
        ~ 'where not is_well_formed and source_row > 1'
    ) %}
{% endmacro %}
