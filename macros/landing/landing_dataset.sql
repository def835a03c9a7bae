{# The contract of one landing dataset, from the sources' YAML: key, time, periods and columns. #}
{% macro landing_dataset(dataset) %}
    {% set node = landing_table_definition(dataset) %}
    {% set meta = node.config.meta %}
    {% set columns = [] %}
    {% for column in (node.columns.values() if node.columns is mapping else node.columns) %}
        {% set rules = column.get('config', {}).get('meta') or column.get('meta', {}) %}
        {% do columns.append({
            'name': column.name,
            'type': column.data_type,
            'required': rules.get('required', false),
            'codes': rules.get('codes'),
            'personal': rules.get('personal', false),
            'references': rules.get('references'),
            'scale': rules.get('scale'),
            'starts': rules.get('starts'),
            'form': rules.get('form'),
            'reserved': rules.get('reserved'),
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


{# Where the contract of a dataset is written: dbt's graph. A unit test has none, so there the YAML file
   itself is read; the contract is still written once. #}
{% macro landing_table_definition(dataset) %}
    {% if graph.sources is defined %}
        {{ return(graph.sources['source.pointworth.landing.' ~ dataset]) }}
    {% endif %}
    {% set contract = fromyaml(file_text('models/staging/_landing__sources.yml')) %}
    {% set landing = contract.sources | selectattr('name', 'equalto', 'landing') | first %}
    {{ return(landing.tables | selectattr('name', 'equalto', dataset) | first) }}
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
