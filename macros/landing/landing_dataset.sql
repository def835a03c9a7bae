{# The contract of one landing dataset, from the sources' YAML: key, time, periods and columns. #}
{% macro landing_dataset(dataset) %}
    {% set node = graph.sources['source.pointworth.landing.' ~ dataset] %}
    {% set meta = node.config.meta %}
    {% set columns = [] %}
    {% for column in node.columns.values() %}
        {% set rules = column.config.meta if column.config.meta else column.meta %}
        {% do columns.append({
            'name': column.name,
            'type': column.data_type,
            'required': rules.get('required', false),
            'codes': rules.get('codes'),
            'personal': rules.get('personal', false),
            'references': rules.get('references'),
            'scale': rules.get('scale'),
            'starts': rules.get('starts'),
            'default': rules.get('default'),
        }) %}
    {% endfor %}
    {{ return({
        'name': dataset,
        'key': meta.key,
        'time': meta.get('time'),
        'required': meta.get('required', false),
        'on_erasure': meta.get('on_erasure', 'reject'),
        'columns': columns,
    }) }}
{% endmacro %}


{# The names of all landing datasets, in the order of the contract. #}
{% macro landing_datasets() %}
    {% set names = [] %}
    {% for node in graph.sources.values() if node.source_name == 'landing' %}
        {% if node.config.meta.get('key') %}
            {% do names.append(node.name) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
