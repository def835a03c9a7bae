{# An Iceberg catalog cannot list a schema that is not there yet, as it is when some models are built
   into a new warehouse. #}
{% macro spark__list_relations_without_caching(relation) %}
    {% do run_command('create schema if not exists ' ~ relation.schema) %}
    {{ return(dbt.spark__list_relations_without_caching(relation)) }}
{% endmacro %}
