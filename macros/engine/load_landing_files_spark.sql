{# How Spark reads the landing folder: CSV as lines of text that are put together to records and taken
   apart here. Spark's own CSV reader has no record numbers, and takes fields it should refuse. #}

{% macro spark__begin_landing(continues) %}
    {% do run_query('create schema if not exists landing') %}
    {% set tables = {
        'loaded_files': 'dataset string, source_file string, file_format string, rows_read bigint',
        'malformed_rows': 'dataset string, source_file string, source_row bigint, raw_text string',
        'ignored_columns': 'dataset string, source_file string, column_name string',
        'absent_datasets': 'dataset string',
    } %}
    {% for name, columns in tables.items() %}
        {% do run_query('create or replace table landing.' ~ name ~ ' (' ~ columns ~ ') using iceberg') %}
    {% endfor %}
{% endmacro %}


{% macro spark__end_landing() %}
    {% for view in ['landing_paths', 'landing_lines', 'landing_records'] %}
        {% do run_query('drop view if exists ' ~ view) %}
    {% endfor %}
{% endmacro %}


{# Only the paths are selected: no file is opened. #}
{% macro spark__landing_files(folder, name) %}
    {% set root = folder.rstrip('/') %}
    {% do run_query(
        'create or replace temporary view landing_paths using binaryFile options (path '
        ~ text_literal(root) ~ ", recursiveFileLookup 'true', pathGlobFilter '*.{csv,csv.gz,parquet}')"
    ) %}
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
    {% do run_query(
        'create or replace table landing.' ~ dataset.name ~ ' ('
        ~ dataset.columns | map(attribute='name') | join(' string, ')
        ~ ' string, source_file string, source_row bigint) using iceberg'
    ) %}
    {% if is_absent %}
        {% do run_query('insert into landing.absent_datasets values (' ~ text_literal(dataset.name) ~ ')') %}
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
    {% set of_file = 'dataset = ' ~ text_literal(dataset.name) ~ ' and source_file = ' ~ source_file %}
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
        {% do run_query(
            'insert into landing.' ~ dataset.name ~ ' select ' ~ selected
            ~ ', _metadata.row_index + 2 from parquet.`' ~ file.path ~ '`'
        ) %}
    {% else %}
        {% do spark_csv_records(file, found | length) %}
        {% do run_query(
            'insert into landing.' ~ dataset.name ~ ' select ' ~ selected ~ ', source_row from '
            ~ '(select source_row, ' ~ spark_csv_fields() ~ ' as fields from landing_records '
            ~ 'where is_well_formed and source_row > 1)'
        ) %}
        {% do run_query(
            'insert into landing.malformed_rows select ' ~ text_literal(dataset.name) ~ ', '
            ~ source_file ~ ', source_row, record from landing_records '
            ~ 'where not is_well_formed and source_row > 1'
        ) %}
    {% endif %}
    {% do run_query(
        'insert into landing.loaded_files select ' ~ text_literal(dataset.name) ~ ', ' ~ source_file
        ~ ', ' ~ text_literal(file.format) ~ ', (select count(*) from landing.' ~ dataset.name
        ~ ' where source_file = ' ~ source_file ~ ') + (select count(*) from landing.malformed_rows where '
        ~ of_file ~ ')'
    ) %}
{% endmacro %}


{# The records of a CSV file, numbered in its order, the header being 1. A line ends a record unless it
   leaves a quoted field open, which an odd number of quotes does; but a line that is a whole record by
   itself is one, however many quotes it has. Empty lines are no records, and empty fields past the last
   column nothing. An unterminated quote swallows the lines that follow it: they are one malformed row. #}
{% macro spark_csv_records(file, width) %}
    {% set field = '("[^"]*+(""[^"]*+)*+"|[^",][^,]*+|)' %}
    {% set whole = "r'(?s)^" ~ field ~ '(,' ~ field ~ '){' ~ (width - 1) ~ "},*$'" %}
    {% do run_query(
        'create or replace temporary view landing_lines as select value, monotonically_increasing_id() as line '
        ~ 'from text.`' ~ file.path ~ '`'
    ) %}
    {% do run_query(
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
