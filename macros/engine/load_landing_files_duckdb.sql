{# How DuckDB reads the landing folder. Every file is read by itself: its rows keep the number they
   have in it, and one unreadable line cannot touch another file. #}

{% macro duckdb__begin_landing(continues) %}
    {% do run_query('create schema if not exists landing') %}
    {% set tables = {
        'loaded_files': 'dataset varchar, source_file varchar, file_format varchar, rows_read bigint, file_version varchar',
        'malformed_rows': 'dataset varchar, source_file varchar, source_row bigint, raw_text varchar',
        'ignored_columns': 'dataset varchar, source_file varchar, column_name varchar',
        'changed_files': 'dataset varchar, source_file varchar',
        'touched': 'topic varchar, value varchar',
        'build_state': 'fingerprint varchar, as_of_date varchar, not_after varchar, last_day date, as_of date, '
            ~ 'last_complete_month date',
        'passed_over': 'source_file varchar',
        'unread_files': 'source_file varchar',
        'absent_datasets': 'dataset varchar',
    } %}
    {% set noted_anew = ['passed_over', 'unread_files', 'absent_datasets'] %}
    {% set statements = [] %}
    {% for name, columns in tables.items() if not continues or name in noted_anew %}
        {% do statements.append('create or replace table landing.' ~ name ~ ' (' ~ columns ~ ')') %}
    {% endfor %}
    {% do run_command(statements | join(';\n')) %}
    {# A file of an earlier version holds tables where there are views now. #}
    {% for name in run_query(
        "select table_name from duckdb_tables() where schema_name = 'landing'"
    ).columns[0].values() if name in landing_datasets() %}
        {% do run_query('drop table landing.' ~ name) %}
    {% endfor %}
    {# Drawn by the engine, so that no log holds it. #}
    {% do run_query('create table if not exists landing.secret as select cast(uuid() as varchar) as secret') %}
{% endmacro %}


{# Every dataset as text, as it is told, and what arrived in files that were read in this run, for the
   validation of large datasets. #}
{% macro duckdb__end_landing() %}
    {% set statements = ['set preserve_insertion_order = false'] %}
    {% for name in landing_datasets() %}
        {% set texts = [] %}
        {% for column in landing_dataset(name).columns %}
            {% do texts.append('cast(' ~ column.name ~ ' as varchar) as ' ~ column.name) %}
        {% endfor %}
        {% do statements.append(
            'create or replace view landing.' ~ name ~ ' as select ' ~ texts | join(', ')
            ~ ', source_file, source_row, key_hash from ' ~ landed_rows(name)
        ) %}
        {% do statements.append(
            'create or replace view landing.arrived_' ~ name ~ ' as select * from landing.' ~ name
            ~ " where source_file in (select source_file from landing.changed_files where dataset = '" ~ name ~ "')"
        ) %}
    {% endfor %}
    {% do run_command(statements | join(';\n')) %}
{% endmacro %}


{# A text as one in which no sign stands for others, for DuckDB's file functions; as a literal. #}
{% macro path_literal(path) -%}
    {{ return(text_literal(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]'))) }}
{%- endmacro %}


{# Every file of the folder, linked ones too; of a linked folder only when it is a dataset's. #}
{% macro duckdb__list_landing(folder) %}
    {% set root = path_literal(folder) %}
    {% set places = [root ~ " || '/**/*'"] %}
    {% for name in landing_datasets() %}
        {% do places.append(root ~ " || '/" ~ name ~ "/**/*'") %}
    {% endfor %}
    {% set paths = [] %}
    {% for place in places %}
        {% do paths.append('select file from glob(' ~ place ~ ')') %}
    {% endfor %}
    {{ return(run_query(paths | join(' union ') ~ ' order by file').columns[0].values() | list) }}
{% endmacro %}


{# Columns are text until a Parquet file says otherwise (see append_parquet). #}
{% macro duckdb__create_landing_table(dataset, is_absent, continues) %}
    {% if not continues %}
        {% do run_command(
            'create or replace table ' ~ landed_rows(dataset.name) ~ ' ('
            ~ dataset.columns | map(attribute='name') | join(' varchar, ')
            ~ ' varchar, source_file varchar, source_row bigint, key_hash ubigint)'
        ) %}
    {% endif %}
    {% if is_absent %}
        {% do run_command("insert into landing.absent_datasets values ('" ~ dataset.name ~ "')") %}
    {% endif %}
{% endmacro %}


{# A file as its lines of text, whatever ends them. An empty line is NULL. #}
{% macro duckdb_lines(file) -%}
    read_csv(
        {{ path_literal(file.path) }}, auto_detect = false, header = false, delim = e'\x01', quote = '',
        escape = '', strict_mode = false, columns = {'value': 'varchar'}, max_line_size = 16777216,
        compression = '{{ 'gzip' if file.source_file.lower().endswith('.gz') else 'none' }}',
        store_rejects = true, rejects_table = 'landing_errors', rejects_scan = 'landing_scans'
    )
{%- endmacro %}


{% macro duckdb__landing_file_header(file) %}
    {% do drop_reader_tables() %}
    {{ return(run_query(
        'select value from ' ~ duckdb_lines(file) ~ ' limit 50'
    ).columns[0].values() | list) }}
{% endmacro %}


{% macro duckdb__landing_parquet_columns(file) %}
    {{ return(run_query(
        'select column_name from (describe select * from read_parquet(' ~ path_literal(file.path)
        ~ ', hive_partitioning = false))'
    ).columns[0].values() | list) }}
{% endmacro %}


{% macro duckdb__append_landing_file(dataset, file, version, columns, partition_keys, is_careful) %}
    {% do run_query('set preserve_insertion_order = ' ~ ('true' if file.format == 'csv' else 'false')) %}
    {% if file.format == 'parquet' %}
        {% do append_parquet(dataset, file, columns, partition_keys) %}
    {% elif is_careful %}
        {% do append_csv_carefully(dataset, file, columns, partition_keys) %}
    {% else %}
        {% do append_csv(dataset, file, columns, partition_keys) %}
        {% if has_swallowed_rows(dataset, file, columns) %}
            {% do run_query('delete from ' ~ landed_rows(dataset.name) ~ is_of(file)) %}
            {% do run_query(
                'delete from landing.malformed_rows' ~ is_of(file) ~ ' and dataset = ' ~ text_literal(dataset.name)
            ) %}
            {% do append_csv_carefully(dataset, file, columns, partition_keys) %}
        {% endif %}
    {% endif %}
    {% do drop_reader_tables() %}
    {% do run_query(
        'insert into landing.loaded_files select ' ~ text_literal(dataset.name) ~ ', '
        ~ text_literal(file.source_file) ~ ', ' ~ text_literal(file.format)
        ~ ', (select count(*) from ' ~ landed_rows(dataset.name) ~ is_of(file) ~ ')'
        ~ ' + (select count(*) from landing.malformed_rows' ~ is_of(file) ~ ' and dataset = '
        ~ text_literal(dataset.name) ~ '), ' ~ text_literal(version)
    ) %}
{% endmacro %}


{% macro is_of(file) -%}
{{ ' where source_file = ' ~ text_literal(file.source_file) }}
{%- endmacro %}


{% macro drop_reader_tables() %}
    {% for table in ['landing_errors', 'landing_scans', 'landing_lines'] %}
        {% do run_query('drop table if exists ' ~ table) %}
    {% endfor %}
{% endmacro %}


{# Rows into the table of a dataset, with the hash of their key. *values* are its columns in order. #}
{% macro append_rows(dataset, file, values, row_number, source) %}
    {% do run_query(
        'insert into ' ~ landed_rows(dataset.name) ~ ' select *, ' ~ row_hash(key_values(dataset)) ~ ' from (select '
        ~ values | join(', ') ~ ', ' ~ text_literal(file.source_file) ~ ' as source_file, '
        ~ row_number ~ ' as source_row from ' ~ source ~ ')'
    ) %}
{% endmacro %}


{# The types in which the columns of a Parquet file are kept, by their place: as they are where they fit
   the contract (parse_value reads them), else as text. A column has one type for all files: the first one's,
   or text where the files differ. #}
{% macro landed_types(dataset, file, columns) %}
    {% set relation = landed_rows(dataset.name) %}
    {% set is_empty = not run_query('select 1 from ' ~ relation ~ ' limit 1').rows %}
    {% set kept = {} %}
    {% for name, type in run_query(
        "select column_name, data_type from duckdb_columns() where schema_name || '.' || table_name = "
        ~ text_literal(relation)
    ).rows %}
        {% do kept.update({name: type}) %}
    {% endfor %}
    {% set read = run_query(
        'select column_type from (describe select * from read_parquet(' ~ path_literal(file.path)
        ~ ', hive_partitioning = false))'
    ).columns[0].values() | list %}
    {% set types, changed = {}, [] %}
    {% for column in dataset.columns if column.name in columns.places %}
        {% set place = columns.places[column.name] %}
        {% set type = read[place] if modules.re.fullmatch(typed_values(column.type), read[place]) else 'VARCHAR' %}
        {% set type = type if is_empty or type == kept[column.name] else 'VARCHAR' %}
        {% if type != kept[column.name] %}
            {% do changed.append('cast(' ~ column.name ~ ' as ' ~ type ~ ') as ' ~ column.name) %}
        {% endif %}
        {% do types.update({place: type}) %}
    {% endfor %}
    {% if changed %}
        {% do run_query(
            'create or replace table ' ~ relation ~ ' as select * replace (' ~ changed | join(', ') ~ ') from '
            ~ relation
        ) %}
    {% endif %}
    {{ return(types) }}
{% endmacro %}


{# Parquet numbers its rows itself; a table that several threads fill in order would be written a
   second and a third time by the next checkpoints. #}
{% macro append_parquet(dataset, file, columns, partition_keys) %}
    {% set types = landed_types(dataset, file, columns) %}
    {% set quoted = [] %}
    {% for name in columns.header %}
        {% do quoted.append('cast("' ~ name | replace('"', '""') ~ '" as ' ~ types.get(loop.index0, 'varchar') ~ ')') %}
    {% endfor %}
    {% do append_rows(
        dataset, file, landing_values(dataset, file, columns, partition_keys, quoted),
        'file_row_number + 2',
        'read_parquet(' ~ path_literal(file.path) ~ ', hive_partitioning = false, file_row_number = true)'
    ) %}
{% endmacro %}


{# Columns are read by their place, so that any header will do. A record without any value is none. #}
{% macro append_csv(dataset, file, columns, partition_keys) %}
    {% set names = [] %}
    {% set types = [] %}
    {% for _ in columns.header %}
        {% do names.append('field_' ~ loop.index0) %}
        {% do types.append("'field_" ~ loop.index0 ~ "': 'varchar'") %}
    {% endfor %}
    {% do drop_reader_tables() %}
    {% set reader -%}
        (
            select
                *,
                row_number() over () + 1 as record_number
            from read_csv(
                {{ path_literal(file.path) }}, auto_detect = false, delim = ',', quote = '"', escape = '"', header = true,
                columns = { {{- types | join(', ') -}} }, max_line_size = 16777216,
                compression = '{{ 'gzip' if file.source_file.lower().endswith('.gz') else 'none' }}',
                store_rejects = true, rejects_table = 'landing_errors', rejects_scan = 'landing_scans'
            )
        )
        where coalesce({{ names | join(', ') }}) is not null
    {%- endset %}
    {% do append_rows(
        dataset, file, landing_values(dataset, file, columns, partition_keys, names),
        'record_number', reader
    ) %}
    {% do keep_malformed_rows(dataset, file) %}
{% endmacro %}


{# Lines the reader could not take apart, kept with their text; the records behind them are counted on,
   so that every row keeps its own number. A line of blanks is no record. #}
{% macro keep_malformed_rows(dataset, file) %}
    {% set name = text_literal(dataset.name) %}
    {% set kept = run_query(
        'insert into landing.malformed_rows select ' ~ name ~ ', ' ~ text_literal(file.source_file)
        ~ ", line, rtrim(any_value(csv_line), e'\\r\\n') from landing_errors group by line"
    ).columns[0].values()[0] | int %}
    {% if kept > 0 %}
        {% do run_query(
            "update " ~ landed_rows(dataset.name) ~ " as landed set source_row = landed.source_row + before.malformed "
            ~ "from (select read.source_row, gaps.malformed from " ~ landed_rows(dataset.name) ~ " as read "
            ~ "asof join (select source_row - malformed + 1 as first_row, max(malformed) as malformed from ("
            ~ "select source_row, row_number() over (order by source_row) as malformed from landing.malformed_rows"
            ~ is_of(file) ~ " and dataset = " ~ name ~ ") group by 1) as gaps "
            ~ "on read.source_row >= gaps.first_row" ~ is_of(file) | replace('source_file', 'read.source_file')
            ~ ") as before" ~ is_of(file) | replace('source_file', 'landed.source_file')
            ~ " and landed.source_row = before.source_row"
        ) %}
        {% do run_query(
            'delete from landing.malformed_rows' ~ is_of(file) ~ ' and dataset = ' ~ name
            ~ " and trim(raw_text, e' \\t\\r\\n\\x1a') = ''"
        ) %}
    {% endif %}
{% endmacro %}


{# Whether a quote left open has swallowed rows that follow it: into a record that could not be taken
   apart, or into a text that holds a line which is a row by itself. #}
{% macro has_swallowed_rows(dataset, file, columns) %}
    {% if run_query(
        "select 1 from landing_errors where contains(rtrim(csv_line, e'\\r\\n'), e'\\n') and trim(csv_line) <> '' limit 1"
    ).rows %}
        {{ return(true) }}
    {% endif %}
    {% set texts = [] %}
    {% for column in dataset.columns if column.type == 'text' and column.name in columns.places %}
        {% do texts.append(column.name) %}
    {% endfor %}
    {% if not texts %}
        {{ return(false) }}
    {% endif %}
    {% set inner -%}
        select unnest(string_split(text, e'\n')) as value
        from (
            select unnest([{{ texts | join(', ') }}]) as text
            from {{ landed_rows(dataset.name) }}
            {{ is_of(file) }}
            and (
                {%- for text in texts %}
                {{ 'or ' if not loop.first }}contains({{ text }}, e'\n')
                {%- endfor %}
            )
        ) as texts
        where contains(text, e'\n')
    {%- endset %}
    {{ return(run_query(
        'select 1 from (' ~ inner ~ ') as inner_lines where ' ~ stands_alone(dataset, columns, 'value') ~ ' limit 1'
    ).rows | length > 0) }}
{% endmacro %}


{# The file line by line. Lines that are not text in UTF-8 are malformed; they are numbered last. #}
{% macro append_csv_carefully(dataset, file, columns, partition_keys) %}
    {% do drop_reader_tables() %}
    {% do run_query(
        'create temporary table landing_lines as select row_number() over () as line, value, true as is_text from '
        ~ duckdb_lines(file)
    ) %}
    {% do run_query(
        'insert into landing_lines select 1000000000000 + line, any_value(csv_line), false from landing_errors group by line'
    ) %}
    {% do run_query(
        'create or replace temporary table landing_records as ' ~ csv_records(dataset, columns, 'landing_lines')
    ) %}
    {% do append_csv_records(dataset, file, columns, partition_keys) %}
    {% do run_query('drop table landing_records') %}
{% endmacro %}


{# The rows of landing_records into the table of a dataset, and those that are none beside it. #}
{% macro append_csv_records(dataset, file, columns, partition_keys) %}
    {% set fields = [] %}
    {% for _ in columns.header %}
        {% do fields.append(csv_value(csv_field('fields', loop.index0))) %}
    {% endfor %}
    {% do append_rows(
        dataset, file, landing_values(dataset, file, columns, partition_keys, fields), 'source_row',
        '(select source_row, ' ~ csv_fields('record') ~ ' as fields from landing_records '
        ~ 'where is_well_formed and source_row > 1)'
    ) %}
    {% do run_query(
        'insert into landing.malformed_rows select ' ~ text_literal(dataset.name) ~ ', '
        ~ text_literal(file.source_file) ~ ', source_row, record from landing_records '
        ~ 'where not is_well_formed and source_row > 1'
    ) %}
{% endmacro %}
