{# The text of a file of this project, at run time; for unit tests only, where dbt gives no graph. As a
   package of another project this one is in a folder of its own, in whichever folder packages are
   installed. #}
{% macro file_text(path) -%}
    {%- set folder = (flags.PROJECT_DIR or '.') | string -%}
    {%- if project_name != 'pointworth' -%}
        {%- set folder = folder ~ '/*/pointworth' -%}
    {%- endif -%}
    {{ return(adapter.dispatch('file_text', 'pointworth')(folder ~ '/' ~ path)) }}
{%- endmacro %}

{% macro default__file_text(path) -%}
    {{ return(run_query("select concat_ws('\n', collect_list(value)) from text.`" ~ path ~ "`").rows[0][0]) }}
{%- endmacro %}

{% macro duckdb__file_text(path) -%}
    {{ return(run_query('select content from read_text(' ~ text_literal(path) ~ ')').rows[0][0]) }}
{%- endmacro %}
