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
        'build_state': 'fingerprint varchar, as_of_date varchar, last_complete_month date',
        'absent_datasets': 'dataset varchar',
    } %}
    {% for name, columns in tables.items() if not continues or name == 'absent_datasets' %}
        {% do run_query('create or replace table landing.' ~ name ~ ' (' ~ columns ~ ')') %}
    {% endfor %}
{% endmacro %}


{# What arrived in files that were read in this run, for the validation of large datasets. #}
{% macro duckdb__end_landing() %}
    {% do run_query('set preserve_insertion_order = false') %}
    {% for name in landing_datasets() %}
        {% do run_query(
            'create or replace view landing.arrived_' ~ name ~ ' as select * from landing.' ~ name
            ~ " where source_file in (select source_file from landing.changed_files where dataset = '" ~ name ~ "')"
        ) %}
    {% endfor %}
{% endmacro %}


{# The files of a dataset: <name>.csv, .csv.gz, .parquet, or all such files in the folder <name>/. #}
{% macro duckdb__landing_files(folder, name) %}
    {% set root = folder.rstrip('/') %}
    {% set files = [] %}
    {% for format, endings in {'csv': ['.csv', '.csv.gz'], 'parquet': ['.parquet']}.items() %}
        {% for ending in endings %}
            {% set paths = run_query(
                "select file from (select file from glob('" ~ root ~ '/' ~ name ~ ending ~ "') union all "
                ~ "select file from glob('" ~ root ~ '/' ~ name ~ '/**/*' ~ ending ~ "')) order by file"
            ).columns[0].values() %}
            {% for path in paths %}
                {% do files.append({
                    'path': path,
                    'source_file': path[root | length + 1:],
                    'format': format,
                }) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(files) }}
{% endmacro %}


{% macro duckdb__create_landing_table(dataset, is_absent, continues) %}
    {% if not continues %}
        {% do run_query(
            'create or replace table landing.' ~ dataset.name ~ ' ('
            ~ dataset.columns | map(attribute='name') | join(' varchar, ')
            ~ ' varchar, source_file varchar, source_row bigint, key_hash ubigint)'
        ) %}
    {% endif %}
    {% if is_absent %}
        {% do run_query("insert into landing.absent_datasets values ('" ~ dataset.name ~ "')") %}
    {% endif %}
{% endmacro %}


{# The column names of a file. #}
{% macro duckdb__landing_file_columns(file) %}
    {% set path = file.path | replace("'", "''") %}
    {% if file.format == 'parquet' %}
        {{ return(run_query(
            "select column_name from (describe select * from read_parquet('" ~ path
            ~ "', hive_partitioning = false))"
        ).columns[0].values() | list) }}
    {% endif %}
    {% set header = run_query(
        "select header from read_csv('" ~ path ~ "', auto_detect = false, header = false, delim = e'\\x01', "
        ~ "quote = '', escape = '', columns = {'header': 'varchar'}, ignore_errors = true) limit 1"
    ).columns[0].values() %}
    {% if not header %}
        {% do landing_error('the file ' ~ file.path ~ ' is empty; write at least its header row.') %}
    {% endif %}
    {% set names = [] %}
    {% for name in header[0].strip().lstrip('\ufeff').split(',') %}
        {% do names.append(name.strip().strip('"').strip()) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{% macro duckdb__append_landing_file(dataset, file, version, found, partition_keys) %}
    {% set path = file.path | replace("'", "''") %}
    {% set source_file = file.source_file | replace("'", "''") %}
    {% set values = [] %}
    {% for column in dataset.columns %}
        {% if column.name in found %}
            {% set value = 'cast("' ~ column.name ~ '" as varchar)' %}
        {% elif column.name in partition_keys %}
            {% set value = "nullif(regexp_extract('" ~ source_file ~ "', '" ~ column.name
                ~ "=([^/]*)/', 1), '__HIVE_DEFAULT_PARTITION__')" %}
        {% else %}
            {% set value = 'cast(null as varchar)' %}
        {% endif %}
        {% do values.append(value ~ ' as ' ~ column.name) %}
    {% endfor %}
    {% if file.format == 'parquet' %}
        {% set reader = "read_parquet('" ~ path ~ "', hive_partitioning = false, file_row_number = true)" %}
        {% set row_number = 'file_row_number + 2' %}
    {% else %}
        {% set types = [] %}
        {% for name in found %}
            {% do types.append('"' ~ name ~ '": ' ~ "'varchar'") %}
        {% endfor %}
        {% set reader -%}
            read_csv(
                '{{ path }}', auto_detect = false, delim = ',', quote = '"', escape = '"', header = true,
                columns = { {{- types | join(', ') -}} }, max_line_size = 16777216,
                store_rejects = true, rejects_table = 'landing_errors', rejects_scan = 'landing_scans'
            )
        {%- endset %}
        {% set row_number = 'row_number() over () + 1' %}
    {% endif %}
    {% do run_query('drop table if exists landing_errors') %}
    {% do run_query('drop table if exists landing_scans') %}
    {# Lines of a CSV are counted as they come; Parquet numbers its rows itself, and a table filled in
       order by several threads is written a second and a third time by the next checkpoints. #}
    {% do run_query('set preserve_insertion_order = ' ~ ('true' if file.format == 'csv' else 'false')) %}
    {% set appended = run_query(
        'insert into landing.' ~ dataset.name ~ ' select *, ' ~ row_hash(dataset.key) ~ ' from (select '
        ~ values | join(', ') ~ ", '" ~ source_file ~ "', " ~ row_number ~ ' from ' ~ reader ~ ')'
    ).columns[0].values()[0] | int %}
    {% set malformed = 0 %}
    {% if file.format == 'csv' %}
        {% set malformed = keep_malformed_rows(dataset, source_file) %}
    {% endif %}
    {% do run_query(
        "insert into landing.loaded_files values ('" ~ dataset.name ~ "', '" ~ source_file ~ "', '"
        ~ file.format ~ "', " ~ (appended + malformed) ~ ", '" ~ version ~ "')"
    ) %}
{% endmacro %}


{# Lines the reader could not take apart, kept with their text; the records behind them are counted on,
   so that every row keeps its own number. An unterminated quote swallows the lines that follow it:
   they are one malformed row. #}
{% macro keep_malformed_rows(dataset, source_file) %}
    {% set kept = run_query(
        "insert into landing.malformed_rows select '" ~ dataset.name ~ "', '" ~ source_file
        ~ "', line, rtrim(any_value(csv_line), e'\\r\\n') from landing_errors group by line"
    ).columns[0].values()[0] | int %}
    {% if kept > 0 %}
        {% do run_query(
            "update landing." ~ dataset.name ~ " as landed set source_row = landed.source_row + before.malformed "
            ~ "from (select read.source_row, gaps.malformed from landing." ~ dataset.name ~ " as read "
            ~ "asof join (select source_row - malformed + 1 as first_row, max(malformed) as malformed from ("
            ~ "select source_row, row_number() over (order by source_row) as malformed from landing.malformed_rows "
            ~ "where dataset = '" ~ dataset.name ~ "' and source_file = '" ~ source_file ~ "') group by 1) as gaps "
            ~ "on read.source_row >= gaps.first_row where read.source_file = '" ~ source_file ~ "') as before "
            ~ "where landed.source_file = '" ~ source_file ~ "' and landed.source_row = before.source_row"
        ) %}
    {% endif %}
    {{ return(kept) }}
{% endmacro %}
