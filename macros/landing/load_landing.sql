{# Loads every dataset of the contract from the folder in the var `landing` into schema landing:
   one table per dataset with its columns as text, source_file, source_row (the record's number in its
   file, the header being 1) and, where builds are continued, key_hash (row_hash of its key); and four
   tables about the load itself:
     loaded_files     dataset, source_file, file_format, rows_read, file_version
     malformed_rows   dataset, source_file, source_row, raw_text
     ignored_columns  dataset, source_file, column_name
     absent_datasets  dataset
   When the last build can be continued, only files that are new, changed or gone are read or dropped
   (see landing_changes). Stops with one sentence when the folder breaks the contract. #}
{% macro load_landing(from_scratch=false) %}
    {% set folder = var('landing') %}
    {% if not folder %}
        {% do landing_error(
            'no folder is given; say which with --landing DIR (plain dbt: --vars \'{landing: DIR}\').'
        ) %}
    {% endif %}
    {% set continues = continue_build_or_start_anew(from_scratch) %}
    {% do begin_landing(continues) %}
    {% set versions = landing_file_versions(folder) %}
    {% for name in landing_datasets() %}
        {% set dataset = landing_dataset(name) %}
        {% set files = landing_files(folder, name) %}
        {% set formats = files | map(attribute='format') | unique | list %}
        {% if formats | length > 1 %}
            {% do landing_error(
                name ~ ' is there as ' ~ formats | join(' and ') ~ ' in ' ~ folder
                ~ '; keep one format.'
            ) %}
        {% elif not files and dataset.required %}
            {% do landing_error(
                'the required dataset ' ~ name ~ ' is not in ' ~ folder ~ '; add ' ~ name
                ~ '.csv, .csv.gz, .parquet or a folder ' ~ name ~ '/ (a header and no row will do).'
            ) %}
        {% endif %}
        {% do create_landing_table(dataset, is_absent=not files, continues=continues) %}
        {% for file in (changed_landing_files(dataset, files, versions) if continues else files) %}
            {% do load_landing_file(dataset, file, versions.get(file.path)) %}
        {% endfor %}
    {% endfor %}
    {% do end_landing() %}
{% endmacro %}


{# For on-run-start: plain dbt loads and builds in one command; the command line loads beforehand. #}
{% macro load_landing_unless_loaded() %}
    {% if execute and var('landing') and not var('landing_is_loaded') and flags.WHICH in ('build', 'run') %}
        {% do load_landing() %}
    {% endif %}
{% endmacro %}


{# Checks a file's columns against the contract and appends its rows. #}
{% macro load_landing_file(dataset, file, version) %}
    {% set found = landing_file_columns(file) %}
    {% set contract_names = dataset.columns | map(attribute='name') | list %}
    {% set partition_keys = landing_partition_keys(file) %}
    {% for column in dataset.columns if column.required %}
        {% if column.name not in found and column.name not in partition_keys %}
            {% do landing_error(
                'the required column ' ~ column.name ~ ' is not in ' ~ file.path
                ~ '; add it to the export (columns found: ' ~ found | join(', ') ~ ').'
            ) %}
        {% endif %}
    {% endfor %}
    {% if found | unique | list | length < found | length %}
        {% do landing_error('a column name stands twice in the header of ' ~ file.path ~ '; keep one.') %}
    {% endif %}
    {% for column in found if column not in contract_names %}
        {% do run_command(
            'insert into landing.ignored_columns values (' ~ text_literal(dataset.name) ~ ', '
            ~ text_literal(file.source_file) ~ ', ' ~ text_literal(column) ~ ')'
        ) %}
    {% endfor %}
    {% do append_landing_file(dataset, file, version, found, partition_keys) %}
{% endmacro %}


{# Keys of Hive partitions in a file's path, such as currency=EUR/. #}
{% macro landing_partition_keys(file) %}
    {% set keys = [] %}
    {% for part in file.source_file.split('/')[:-1] if '=' in part %}
        {% do keys.append(part.split('=')[0]) %}
    {% endfor %}
    {{ return(keys) }}
{% endmacro %}


{% macro landing_error(sentence) %}
    {% do exceptions.raise_compiler_error('Landing: ' ~ sentence) %}
{% endmacro %}
