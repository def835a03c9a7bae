{# How an engine reads the landing folder. Every file is read by itself: its rows keep the number they
   have in it, and one unreadable line cannot touch another file. #}

{# Before the first dataset: tables about the load, empty unless a build is continued. #}
{% macro begin_landing(continues) %}
    {{ return(adapter.dispatch('begin_landing', 'pointworth')(continues)) }}
{% endmacro %}

{# After the last dataset. #}
{% macro end_landing() %}
    {{ return(adapter.dispatch('end_landing', 'pointworth')()) }}
{% endmacro %}

{# The paths of all files in the landing folder, in the folders inside it too. #}
{% macro list_landing(folder) %}
    {{ return(adapter.dispatch('list_landing', 'pointworth')(folder)) }}
{% endmacro %}

{# What tells two contents of a file apart, by path. #}
{% macro landing_file_versions(files) %}
    {{ return(adapter.dispatch('landing_file_versions', 'pointworth')(files)) }}
{% endmacro %}

{% macro default__landing_file_versions(files) %}
    {{ return({}) }}
{% endmacro %}

{# The files of a dataset that are not as they were when they were loaded. The rows of these, and of
   files that are gone, are dropped and noted as changed. #}
{% macro changed_landing_files(dataset, files, versions) %}
    {{ return(adapter.dispatch('changed_landing_files', 'pointworth')(dataset, files, versions)) }}
{% endmacro %}

{% macro default__changed_landing_files(dataset, files, versions) %}
    {{ return(files) }}
{% endmacro %}

{# The fingerprint of the build that can be continued; none where there is no such build. #}
{% macro known_fingerprint() %}
    {{ return(adapter.dispatch('known_fingerprint', 'pointworth')()) }}
{% endmacro %}

{# An engine that does not say otherwise builds everything from scratch every time. #}
{% macro default__known_fingerprint() %}
    {{ return(none) }}
{% endmacro %}

{# From now on this is the build that can be continued. #}
{% macro settle_landing(fingerprint, clock) %}
    {{ return(adapter.dispatch('settle_landing', 'pointworth')(fingerprint, clock)) }}
{% endmacro %}

{% macro default__settle_landing(fingerprint, clock) %}
{% endmacro %}

{# The table of a dataset, empty unless a build is continued. #}
{% macro create_landing_table(dataset, is_absent, continues) %}
    {{ return(adapter.dispatch('create_landing_table', 'pointworth')(dataset, is_absent, continues)) }}
{% endmacro %}

{# The table that holds the rows of a dataset. #}
{% macro landed_rows(name) %}
    {{ return(adapter.dispatch('landed_rows', 'pointworth')(name)) }}
{% endmacro %}

{% macro default__landed_rows(name) %}
    {{ return('landing.' ~ name) }}
{% endmacro %}

{# Here `landing.<dataset>` is a view of it in which every column is text. #}
{% macro duckdb__landed_rows(name) %}
    {{ return('landing.landed_' ~ name) }}
{% endmacro %}

{# The first lines of a CSV file. #}
{% macro landing_file_header(file) %}
    {{ return(adapter.dispatch('landing_file_header', 'pointworth')(file)) }}
{% endmacro %}

{# The column names of a Parquet file. #}
{% macro landing_parquet_columns(file) %}
    {{ return(adapter.dispatch('landing_parquet_columns', 'pointworth')(file)) }}
{% endmacro %}

{# The rows of a file, those that can be taken apart and those that cannot. *columns* is what its header
   says (landing_columns). #}
{% macro append_landing_file(dataset, file, version, columns, partition_keys, is_careful) %}
    {{ return(adapter.dispatch('append_landing_file', 'pointworth')(
        dataset, file, version, columns, partition_keys, is_careful
    )) }}
{% endmacro %}
