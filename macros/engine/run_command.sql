{# Run a statement that has no rows to give; over thrift, run_query fails on such a one. #}
{% macro run_command(sql) %}
    {% do adapter.execute(sql, auto_begin=false, fetch=false) %}
{% endmacro %}
