{# How DuckDB tells which files of the landing are not what they were when they were loaded. #}

{# Size and time of a file tell its contents apart, but for a file written in the very second of the
   load: times are whole seconds. Any file as new as the newest of the folder could be such a one, so
   its version holds a hash of its content too; of a file too large for that, `unknown`. #}
{% macro duckdb__landing_file_versions(files) %}
    {% set versions = {} %}
    {% set paths = [] %}
    {% for file in files %}
        {% do paths.append(path_literal(file.path)) %}
    {% endfor %}
    {% if not paths %}
        {{ return(versions) }}
    {% endif %}
    {% for path, size, version, is_newest in run_query(
        "select filename, size, size || ' bytes of ' || last_modified, last_modified = max(last_modified) over () "
        ~ 'from read_blob([' ~ paths | join(', ') ~ '])'
    ).rows %}
        {% do versions.update({path: version ~ (' ' ~ content_hash(path, size) if is_newest else '')}) %}
    {% endfor %}
    {{ return(versions) }}
{% endmacro %}


{% macro content_hash(path, size) %}
    {% if size > 2000000000 %}
        {{ return('unknown') }}
    {% endif %}
    {{ return(run_query(
        'select md5(content) from read_blob(' ~ path_literal(path) ~ ')'
    ).columns[0].values()[0]) }}
{% endmacro %}


{% macro duckdb__changed_landing_files(dataset, files, versions) %}
    {% set known = {} %}
    {% for source_file, version in run_query(
        'select source_file, file_version from landing.loaded_files where dataset = ' ~ text_literal(dataset.name)
    ).rows %}
        {% do known.update({source_file: version}) %}
    {% endfor %}
    {% set changed = [] %}
    {% for file in files %}
        {% if not is_same_version(file, known.get(file.source_file), versions[file.path]) %}
            {% do changed.append(file) %}
        {% endif %}
    {% endfor %}
    {% set present = files | map(attribute='source_file') | list %}
    {% for source_file in known if source_file not in present %}
        {% do forget_landing_file(dataset, source_file) %}
    {% endfor %}
    {% for file in changed %}
        {% do forget_landing_file(dataset, file.source_file) %}
    {% endfor %}
    {{ return(changed) }}
{% endmacro %}


{# Versions are the size and time, with a hash where these do not tell enough. #}
{% macro is_same_version(file, known, found) %}
    {% if not known or known.endswith('unknown') or found.endswith('unknown') %}
        {{ return(false) }}
    {% endif %}
    {% set known_hash = known.split(' ')[5:] | join %}
    {% set found_hash = found.split(' ')[5:] | join %}
    {% if known_hash and not found_hash %}
        {% set found = found ~ ' ' ~ content_hash(file.path, found.split(' ')[0] | int) %}
    {% elif found_hash and not known_hash %}
        {% set found = found.removesuffix(' ' ~ found_hash) %}
    {% endif %}
    {{ return(known == found) }}
{% endmacro %}


{# The rows of a file go; first it is noted that they do, and what their keys were. #}
{% macro forget_landing_file(dataset, source_file) %}
    {% set name = text_literal(dataset.name) %}
    {% set its_rows = ' where dataset = ' ~ name ~ ' and source_file = ' ~ text_literal(source_file) %}
    {% do run_query('insert into landing.changed_files values (' ~ name ~ ', ' ~ text_literal(source_file) ~ ')') %}
    {% do run_query(
        'insert into landing.touched select distinct ' ~ text_literal(dataset.name ~ '.key') ~ ', '
        ~ 'cast(key_hash as varchar) from ' ~ landed_rows(dataset.name)
        ~ ' where source_file = ' ~ text_literal(source_file)
    ) %}
    {% do run_query('delete from ' ~ landed_rows(dataset.name) ~ ' where source_file = ' ~ text_literal(source_file)) %}
    {% for table in ['malformed_rows', 'ignored_columns', 'loaded_files'] %}
        {% do run_query('delete from landing.' ~ table ~ its_rows) %}
    {% endfor %}
{% endmacro %}


{% macro duckdb__known_fingerprint() %}
    {% set is_there = run_query(
        "select 1 from duckdb_tables() where schema_name = 'landing' and table_name = 'build_state'"
    ).rows %}
    {% if not is_there %}
        {{ return(none) }}
    {% endif %}
    {{ return(run_query('select fingerprint from landing.build_state').columns[0].values() | first) }}
{% endmacro %}


{% macro duckdb__settle_landing(fingerprint, clock) %}
    {% for table in ['changed_files', 'touched', 'build_state'] %}
        {% do run_query('delete from landing.' ~ table) %}
    {% endfor %}
    {% set given = [] %}
    {% for day in [var('as_of_date'), var('not_after')] %}
        {% do given.append(text_literal(day | string) if day else 'null') %}
    {% endfor %}
    {% do run_query(
        "insert into landing.build_state select '" ~ fingerprint ~ "', " ~ given | join(', ')
        ~ ', last_day, as_of, last_complete_month from ' ~ clock
    ) %}
{% endmacro %}
