{# The text of a file of the project, at run time; for unit tests only, where dbt gives no graph. #}
{% macro file_text(path) -%}
    {{ return(adapter.dispatch('file_text', 'pointworth')(path)) }}
{%- endmacro %}

{% macro default__file_text(path) -%}
    {{ return(run_query("select concat_ws('\n', collect_list(value)) from text.`" ~ path ~ "`").rows[0][0]) }}
{%- endmacro %}

{% macro duckdb__file_text(path) -%}
    {{ return(run_query("select content from read_text('" ~ path ~ "')").rows[0][0]) }}
{%- endmacro %}
