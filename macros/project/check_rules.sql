{# For on-run-end: the tests that a table has in the YAML, where the run leaves them to its end (var
   rules_at_the_end) rather than to a node of dbt's for each. A node costs more than the query of a small
   table. What is found is told as it is found, and returned: the status by the test. A test is due when all
   that it reads was built. #}
{% macro check_rules(results) %}
    {% set found = {} %}
    {% if not execute or not var('rules_at_the_end') %}{{ return(found) }}{% endif %}
    {% set built = [] %}
    {% for result in results if result.status | string == 'success' %}
        {% do built.append(result.node.unique_id) %}
    {% endfor %}
    {% for test in graph.nodes.values()
        if test.resource_type == 'test' and test.test_metadata
        and test.depends_on.nodes | reject('in', built) | list | length == 0
    %}
        {% do log(tojson({'rules_begin': test.unique_id})) %}
        {% set query = query_of_test(test) %}
        {% set broken = run_query('select count(*) as broken from (' ~ query ~ ') as rows_found').rows[0][0] | int %}
        {% do found.update({test.unique_id: 'fail' if broken else 'pass'}) %}
        {% do log(tojson({'rules_end': test.unique_id, 'broken': broken, 'query': query if broken else ''})) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# The query of a test, its arguments as they stand in the project. #}
{% macro query_of_test(test) %}
    {% set relation = relation_of(test.attached_node) %}
    {% if test.config.where %}
        {% set relation = '(select * from ' ~ relation ~ ' where ' ~ test.config.where ~ ') as tested' %}
    {% endif %}
    {% set arguments = {'model': relation} %}
    {% for name, value in test.test_metadata.kwargs.items() if name != 'model' %}
        {% do arguments.update({name: argument_of_test(value)}) %}
    {% endfor %}
    {{ return(context['test_' ~ test.test_metadata.name](**arguments)) }}
{% endmacro %}


{# A value as dbt hands it to a test: texts are rendered, and ref('…') is the relation. #}
{% macro argument_of_test(value) %}
    {% if value is mapping %}
        {% set rendered = {} %}
        {% for name, part in value.items() %}
            {% do rendered.update({name: argument_of_test(part)}) %}
        {% endfor %}
        {{ return(rendered) }}
    {% elif value is string and value.startswith("ref('") %}
        {% for node in graph.nodes.values()
            if node.resource_type in ('model', 'seed') and node.name == value.split("'")[1]
        %}
            {{ return(relation_of(node.unique_id)) }}
        {% endfor %}
    {% elif value is string %}
        {{ return(render(value)) }}
    {% endif %}
    {{ return(value) }}
{% endmacro %}


{% macro relation_of(unique_id) %}
    {% set node = graph.nodes[unique_id] %}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{% endmacro %}
