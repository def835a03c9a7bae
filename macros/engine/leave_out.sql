{# Before a build that leaves models out (var left_out, the names): nothing of an earlier build stands in
   their place, and of a mart a table without a row, as its contract says. #}
{% macro leave_out_models() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name in var('left_out') %}
        {% set relation = api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias, type='table'
        ) %}
        {% set before = load_cached_relation(relation) %}
        {% if node.access == 'public' %}
            {% if before is not none and before.type != 'table' %}{% do adapter.drop_relation(before) %}{% endif %}
            {% do create_empty_table(relation, node.columns) %}
        {% elif before is not none %}
            {% do adapter.drop_relation(before) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# Of a dataset without a row: an empty table of its judged rows, typed as they would be, and what is
   accepted of them. Where a build is continued the table stands and is empty, or the dataset had a row and
   is not left out. #}
{% macro leave_out_staging() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.name in var('left_out')
        and node.access != 'public' and node.config.materialized == 'incremental'
    %}
        {% set name = staged_dataset(node) %}
        {% set judged = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
        {% do create_empty_staging(judged, no_judged_rows(name)) %}
        {% do rejudge_none(name) %}
        {% for view in graph.nodes.values()
            if view.resource_type == 'model' and view.name in var('left_out')
            and view.config.materialized == 'view' and view.depends_on.nodes == [node.unique_id]
        %}
            {% set accepted = api.Relation.create(
                database=view.database, schema=view.schema, identifier=view.alias
            ) %}
            {% do create_accepted_rows(accepted, accepted_rows(name, judged)) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}


{# The dataset whose rows a model judges. #}
{% macro staged_dataset(node) %}
    {% set prefix = 'source.' ~ project_name ~ '.landing.' %}
    {% for parent in node.depends_on.nodes if parent.startswith(prefix) %}
        {{ return(parent.removeprefix(prefix)) }}
    {% endfor %}
{% endmacro %}


{% macro create_empty_staging(relation, query) %}
    {{ return(adapter.dispatch('create_empty_staging', 'pointworth')(relation, query)) }}
{% endmacro %}


{% macro default__create_empty_staging(relation, query) %}
    {% do run_command('create table if not exists ' ~ relation ~ ' as ' ~ query) %}
{% endmacro %}


{% macro spark__create_empty_staging(relation, query) %}
    {% do run_command('create or replace table ' ~ relation ~ ' using iceberg as ' ~ query) %}
{% endmacro %}


{% macro create_accepted_rows(relation, query) %}
    {{ return(adapter.dispatch('create_accepted_rows', 'pointworth')(relation, query)) }}
{% endmacro %}


{% macro default__create_accepted_rows(relation, query) %}
    {% do run_command('create or replace view ' ~ relation ~ ' as ' ~ query) %}
{% endmacro %}


{# On Spark every view is a table. #}
{% macro spark__create_accepted_rows(relation, query) %}
    {% do spark__create_empty_staging(relation, query) %}
{% endmacro %}


{# A model that is not built, or a test of one. #}
{% macro is_left_out(node) %}
    {% set names = [] %}
    {% for id in [node.unique_id] + node.depends_on.get('nodes', []) if id.split('.')[-1] in var('left_out') %}
        {% do names.append(id) %}
    {% endfor %}
    {{ return(names and (node.resource_type == 'test' or node.name in var('left_out'))) }}
{% endmacro %}


{% macro create_empty_table(relation, columns) %}
    {{ return(adapter.dispatch('create_empty_table', 'pointworth')(relation, columns)) }}
{% endmacro %}


{% macro default__create_empty_table(relation, columns) %}
    {% do run_command(
        'create or replace table ' ~ relation ~ ' as ' ~ get_empty_schema_sql(columns) ~ ' where false'
    ) %}
{% endmacro %}


{% macro spark__create_empty_table(relation, columns) %}
    {% do run_command(
        'create or replace table ' ~ relation ~ ' using iceberg as ' ~ get_empty_schema_sql(columns) ~ ' where false'
    ) %}
{% endmacro %}
