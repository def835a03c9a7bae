{# How DuckDB's relations and tests are made, with as few statements as there are.

   dbt's own way (BEGIN, build beside, rename, rename, drop, COMMIT, each with an event, a macro and a
   line in the log) keeps what readers see until the new table is there; but nobody reads a build file
   while it is built. So what has a model's name is replaced where it stands. A contract is held as ever:
   compared first, and in one transaction with its table. #}

{% materialization table, adapter='duckdb' %}
    {% set relation = this.incorporate(type='table') %}
    {% do run_hooks_before_model(relation) %}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(compiled_code) %}
        {% do run_main_statement(
            'create or replace table ' ~ relation ~ ' ' ~ get_table_columns_and_constraints() ~ ';\n'
            ~ 'insert into ' ~ relation ~ ' ' ~ get_column_names() ~ ' (\n'
            ~ get_select_subquery(compiled_code) ~ '\n)',
            in_transaction=true
        ) %}
    {% else %}
        {% do run_main_statement(
            'create or replace table ' ~ relation ~ ' as (\n' ~ compiled_code ~ '\n)',
            in_transaction=pre_hooks | length > 0
        ) %}
    {% endif %}
    {% do run_hooks_after_model() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {% set relation = this.incorporate(type='view') %}
    {% do run_hooks_before_model(relation) %}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(compiled_code) %}
    {% endif %}
    {% do run_main_statement(
        'create or replace view ' ~ relation ~ ' as (\n' ~ compiled_code ~ '\n)',
        in_transaction=pre_hooks | length > 0
    ) %}
    {% do run_hooks_after_model() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}


{# A test reads: it needs no transaction. Who wants the rows that fail kept has dbt's own way. #}
{% materialization test, adapter='duckdb' %}
    {% if should_store_failures() %}
        {{ return(dbt.materialization_test_default()) }}
    {% endif %}
    {% do run_main_statement(
        get_test_sql(
            get_limit_subquery_sql(sql, config.get('limit')), config.get('fail_calc'),
            config.get('warn_if'), config.get('error_if'), limit=none
        ),
        fetch=true
    ) %}
    {{ return({'relations': []}) }}
{% endmaterialization %}


{# What dbt calls the main statement of a node, without writing it to a file: target/compiled has it. #}
{% macro run_main_statement(statement, in_transaction=false, fetch=false) %}
    {% set response, rows = adapter.execute(statement, auto_begin=in_transaction, fetch=fetch) %}
    {% do store_result('main', response=response, agate_table=rows) %}
{% endmacro %}


{# What was a view and is a table now, or the other way round, cannot be replaced where it stands. #}
{% macro run_hooks_before_model(relation) %}
    {% do run_hooks(pre_hooks, inside_transaction=False) %}
    {% do run_hooks(pre_hooks, inside_transaction=True) %}
    {% set before = load_cached_relation(relation) %}
    {% if before is not none and before.type != relation.type %}
        {% do adapter.drop_relation(before) %}
    {% endif %}
{% endmacro %}


{% macro run_hooks_after_model() %}
    {% do run_hooks(post_hooks, inside_transaction=True) %}
    {% do adapter.commit() %}
    {% do run_hooks(post_hooks, inside_transaction=False) %}
{% endmacro %}
