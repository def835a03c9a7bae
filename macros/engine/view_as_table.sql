{# A hadoop-type Iceberg catalog keeps no views: on Spark every model is a table. #}
{% materialization view, adapter='spark' %}
    {{ return(materialization_table_spark()) }}
{% endmaterialization %}
