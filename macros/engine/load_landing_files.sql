{# How an engine reads the landing folder. Every file is read by itself: its rows keep the number they
   have in it, and one unreadable line cannot touch another file. #}

{# Before the first dataset: empty tables about the load. #}
{% macro begin_landing() %}
    {{ return(adapter.dispatch('begin_landing', 'pointworth')()) }}
{% endmacro %}

{# After the last dataset. #}
{% macro end_landing() %}
    {{ return(adapter.dispatch('end_landing', 'pointworth')()) }}
{% endmacro %}

{# The files of a dataset: <name>.csv, .csv.gz, .parquet, or all such files in the folder <name>/; each
   with its path, its path inside the landing folder (source_file) and its format. #}
{% macro landing_files(folder, name) %}
    {{ return(adapter.dispatch('landing_files', 'pointworth')(folder, name)) }}
{% endmacro %}

{# The empty table of a dataset. #}
{% macro create_landing_table(dataset, is_absent) %}
    {{ return(adapter.dispatch('create_landing_table', 'pointworth')(dataset, is_absent)) }}
{% endmacro %}

{# The column names of a file. #}
{% macro landing_file_columns(file) %}
    {{ return(adapter.dispatch('landing_file_columns', 'pointworth')(file)) }}
{% endmacro %}

{# The rows of a file, those that can be taken apart and those that cannot. #}
{% macro append_landing_file(dataset, file, found, partition_keys) %}
    {{ return(adapter.dispatch('append_landing_file', 'pointworth')(dataset, file, found, partition_keys)) }}
{% endmacro %}
