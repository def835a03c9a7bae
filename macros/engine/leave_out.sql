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
