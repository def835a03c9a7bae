{# Tables and views of DuckDB replaced where they stand. dbt's own way (build beside, rename, rename,
   drop, each with an event, a macro and a line in the log) keeps what readers see until the new table is
   there; but nobody reads a build file while it is built. A contract is held as ever: compared first, and
   in one transaction with its table. #}

{% materialization table, adapter='duckdb' %}
    {% set relation = this.incorporate(type='table') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_what_is_no(relation) %}
    {% if config.get('contract').enforced %}
        {% call statement('main') -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ relation }} {{ get_column_names() }} (
                {{ get_select_subquery(compiled_code) }}
            )
        {%- endcall %}
    {% else %}
        {% call statement('main', auto_begin=pre_hooks | length > 0) -%}
            create or replace table {{ relation }} as (
                {{ compiled_code }}
            )
        {%- endcall %}
    {% endif %}
    {{ return(settle(relation)) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {% set relation = this.incorporate(type='view') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do drop_what_is_no(relation) %}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(compiled_code) %}
    {% endif %}
    {% call statement('main', auto_begin=pre_hooks | length > 0) -%}
        create or replace view {{ relation }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {{ return(settle(relation)) }}
{% endmaterialization %}


{# What was a view and is a table now, or the other way round, cannot be replaced where it stands. #}
{% macro drop_what_is_no(relation) %}
    {% set before = load_cached_relation(relation) %}
    {% if before is not none and before.type != relation.type %}
        {% do adapter.drop_relation(before) %}
    {% endif %}
{% endmacro %}


{% macro settle(relation) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
