{# For on-run-end: the rules of every table that was built, where the run leaves them to its end
   (var rules_at_the_end) rather than to a node of dbt's for each table. A node costs more than the query
   of a small table. What is found is told as it is found, and returned: the status by the test. #}
{% macro check_rules(results) %}
    {% set found = {} %}
    {% if not execute or not var('rules_at_the_end') %}{{ return(found) }}{% endif %}
    {% set built = {} %}
    {% for result in results if result.status | string == 'success' %}
        {% do built.update({result.node.unique_id: result.node}) %}
    {% endfor %}
    {% for test in graph.nodes.values()
        if test.resource_type == 'test' and test.attached_node in built
        and test.test_metadata and test.test_metadata.name == 'keeps_its_rules'
    %}
        {% do log(tojson({'rules_begin': test.unique_id})) %}
        {% set query = query_of_rules(built[test.attached_node], test.test_metadata.kwargs) %}
        {% set broken = run_query('select count(*) as broken from (' ~ query ~ ') as rows_found').rows[0][0] | int %}
        {% do found.update({test.unique_id: 'fail' if broken else 'pass'}) %}
        {% do log(tojson({'rules_end': test.unique_id, 'broken': broken, 'query': query if broken else ''})) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# The query of keeps_its_rules, its arguments as they stand in the project. #}
{% macro query_of_rules(node, arguments) %}
    {% set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
    {% set rules = {} %}
    {% for name, expression in arguments.get('rules', {}).items() %}
        {% do rules.update({name: render(expression)}) %}
    {% endfor %}
    {{ return(test_keeps_its_rules(
        relation, arguments.get('key', []), arguments.get('nullable', []), rules,
        arguments.get('ranges', []), arguments.get('rebuilt')
    )) }}
{% endmacro %}
