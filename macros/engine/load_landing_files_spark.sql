{# How Spark reads the landing folder: CSV as lines of text that are put together to records and taken
   apart here. Spark's own CSV reader has no record numbers, and takes fields it should refuse. #}

{% macro spark__begin_landing(continues) %}
    {% do run_command('create schema if not exists landing') %}
    {# The landing is listed once; only paths are selected, so no file is opened. #}
    {% do run_command(
        'create or replace temporary view landing_listing using binaryFile options (path '
        ~ text_literal(var('landing').rstrip('/'))
        ~ ", recursiveFileLookup 'true', pathGlobFilter '*.{csv,csv.gz,parquet}')"
    ) %}
    {% do run_command('cache table landing_paths as select path from landing_listing') %}
    {% do drop_workshop() %}
    {% do new_landing_table('loaded_files', 'dataset string, source_file string, file_format string, rows_read bigint') %}
    {% do new_landing_table('malformed_rows', 'dataset string, source_file string, source_row bigint, raw_text string') %}
    {% do new_landing_table('ignored_columns', 'dataset string, source_file string, column_name string') %}
    {% do new_landing_table('absent_datasets', 'dataset string') %}
{% endmacro %}


{# Iceberg keeps what a replaced table held; so the tables of the last build go first, but for marts,
   which have readers, and for tables that are not of this project. #}
{% macro drop_workshop() %}
    {% set own = {'landing': ['loaded_files', 'malformed_rows', 'ignored_columns', 'absent_datasets'] + landing_datasets()} %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') %}
        {% if 'marts' not in node.fqn[1:-1] %}
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
    {% for name in landing_datasets() %}
        {% do rows.append('select ' ~ text_literal(name) ~ ', source_file from landing.' ~ name) %}
        {% for file in landing_files(var('landing'), name) %}
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


{% macro spark__landing_files(folder, name) %}
    {% set root = folder.rstrip('/') %}
    {% set inside = root if '://' in root else '/' ~ root.lstrip('./') %}
    {% set files = [] %}
    {% for path in run_query('select path from landing_paths order by path').columns[0].values() %}
        {% set source_file = path.split(inside ~ '/', 1)[1] %}
        {% set format = 'parquet' if path.endswith('.parquet') else 'csv' %}
        {% if source_file.startswith(name ~ '/')
            or source_file in [name ~ '.csv', name ~ '.csv.gz', name ~ '.parquet'] %}
            {% do files.append({'path': path, 'source_file': source_file, 'format': format}) %}
        {% endif %}
    {% endfor %}
    {{ return(files) }}
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


{% macro spark__landing_file_columns(file) %}
    {% if file.format == 'parquet' %}
        {{ return(run_query(
            'describe query select * from parquet.`' ~ file.path ~ '`'
        ).columns[0].values() | list) }}
    {% endif %}
    {% set header = run_query('select value from text.`' ~ file.path ~ '` limit 1').columns[0].values() %}
    {% if not header %}
        {% do landing_error('the file ' ~ file.path ~ ' is empty; write at least its header row.') %}
    {% endif %}
    {% set names = [] %}
    {% for name in header[0].strip().lstrip('\ufeff').split(',') %}
        {% do names.append(name.strip().strip('"').strip()) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{% macro spark__append_landing_file(dataset, file, version, found, partition_keys) %}
    {% set source_file = text_literal(file.source_file) %}
    {% set values = [] %}
    {% for column in dataset.columns %}
        {% if column.name in found and file.format == 'parquet' %}
            {% do values.append('cast(`' ~ column.name ~ '` as string)') %}
        {% elif column.name in found %}
            {% do values.append(spark_csv_value('fields[' ~ found.index(column.name) ~ ']')) %}
        {% elif column.name in partition_keys %}
            {% do values.append(
                'nullif(regexp_extract(' ~ source_file ~ ", '" ~ column.name
                ~ "=([^/]*)/', 1), '__HIVE_DEFAULT_PARTITION__')"
            ) %}
        {% else %}
            {% do values.append('cast(null as string)') %}
        {% endif %}
    {% endfor %}
    {% set selected = values | join(', ') ~ ', ' ~ source_file %}
    {% if file.format == 'parquet' %}
        {% do run_command(
            'insert into landing.' ~ dataset.name ~ ' select ' ~ selected
            ~ ', _metadata.row_index + 2 from parquet.`' ~ file.path ~ '`'
        ) %}
    {% else %}
        {% do spark_csv_records(file, found | length) %}
        {% do run_command(
            'insert into landing.' ~ dataset.name ~ ' select ' ~ selected ~ ', source_row from '
            ~ '(select source_row, ' ~ spark_csv_fields() ~ ' as fields from landing_records '
            ~ 'where is_well_formed and source_row > 1)'
        ) %}
        {% do run_command(
            'insert into landing.malformed_rows select ' ~ text_literal(dataset.name) ~ ', '
            ~ source_file ~ ', source_row, record from landing_records '
            ~ 'where not is_well_formed and source_row > 1'
        ) %}
    {% endif %}
{% endmacro %}


{# The records of a CSV file, numbered in its order, the header being 1. A line ends a record unless it
   leaves a quoted field open, which an odd number of quotes does; but a line that is a whole record by
   itself is one, however many quotes it has. Empty lines are no records, and empty fields past the last
   column nothing. An unterminated quote swallows the lines that follow it: they are one malformed row. #}
{% macro spark_csv_records(file, width) %}
    {% set field = '("[^"]*+(""[^"]*+)*+"|[^",][^,]*+|)' %}
    {% set whole = "r'(?s)^" ~ field ~ '(,' ~ field ~ '){' ~ (width - 1) ~ "},*$'" %}
    {% do run_command(
        'create or replace temporary view landing_lines as select value, monotonically_increasing_id() as line '
        ~ 'from text.`' ~ file.path ~ '`'
    ) %}
    {% do run_command(
        'create or replace temporary view landing_records as '
        ~ 'select row_number() over (order by line) as source_row, record, '
        ~ 'record rlike ' ~ whole ~ " and instr(record, '\\ufffd') = 0 as is_well_formed from ("
        ~ "select min(line) as line, array_join(transform(array_sort(collect_list(struct(line, value))), "
        ~ "part -> part.value), '\\n') as record from ("
        ~ 'select line, value, sum(closes) over (order by line) - closes as record_number from ('
        ~ 'select line, value, cast(sum(quotes) over (order by line) % 2 = 0 as int) as closes from ('
        ~ 'select line, value, case when value rlike ' ~ whole ~ ' then 0 '
        ~ "else length(value) - length(replace(value, '\"', '')) end as quotes from landing_lines"
        ~ "))) group by record_number) where record <> ''"
    ) %}
{% endmacro %}


{# The fields of a well-formed record, quotes and all. #}
{% macro spark_csv_fields() -%}
    regexp_extract_all(record || ',', r'(?s)("[^"]*+(?:""[^"]*+)*+"|[^",][^,]*+|),', 1)
{%- endmacro %}


{# A field without its quotes; an empty one is NULL. #}
{% macro spark_csv_value(field) -%}
    nullif(
        case
            when {{ field }} like '"%' then replace(substring({{ field }}, 2, length({{ field }}) - 2), '""', '"')
            else {{ field }}
        end,
        ''
    )
{%- endmacro %}
