{# The contract of one landing dataset, from the sources' YAML: key, time, periods and columns; and the
   columns that the setting `segments` adds to it, under a name that no column of the contract has.
   `header` is what a column is called in the files. #}
{% macro landing_dataset(dataset) %}
    {% set node = landing_table_definition(dataset) %}
    {% set meta = node.config.meta %}
    {% set columns = [] %}
    {% for column in (node.columns.values() if node.columns is mapping else node.columns) %}
        {% set rules = column.get('config', {}).get('meta') or column.get('meta', {}) %}
        {% do columns.append({
            'name': column.name,
            'header': column.name,
            'type': column.data_type,
            'required': rules.get('required', false),
            'codes': rules.get('codes'),
            'personal': rules.get('personal', false),
            'references': rules.get('references'),
            'scale': rules.get('scale'),
            'between': rules.get('between'),
            'starts': rules.get('starts'),
            'calendar': rules.get('calendar'),
            'form': rules.get('form'),
            'reserved': rules.get('reserved'),
            'default': rules.get('default'),
            'positive': rules.get('positive', false),
            'is_customer': rules.get('is_customer', false),
            'segment': rules.get('segment', false),
        }) %}
    {% endfor %}
    {% set known = columns | map(attribute='name') | list %}
    {% for name in var('segments') if dataset in datasets_with_segments() and name not in known %}
        {% do columns.append({
            'name': 'own_' ~ name, 'header': name, 'type': 'text', 'segment': true,
        }) %}
    {% endfor %}
    {{ return({
        'name': dataset,
        'key': meta.key,
        'time': meta.get('time'),
        'required': meta.get('required', false),
        'sets_clock': meta.get('sets_clock', false),
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


{# The key of a landed row, as texts that are never NULL and the same however a value is written: `gbp` and
   `GBP`, `2024-04` and `2024-04-01`, empty and what an empty value means.
   A customer's number without its client, for a row may leave the client to be found. #}
{% macro key_values(dataset, relation=none) %}
    {% set values = [] %}
    {% for column in dataset.columns if column.name in dataset.key %}
        {% set landed = (relation ~ '.' if relation else '') ~ column.name %}
        {% set typed = typed_column(column, landed) %}
        {% if column.type == 'text' %}
            {% do values.append('coalesce(' ~ typed ~ ", '')") %}
        {% else %}
            {% do values.append(
                'coalesce(cast(' ~ typed ~ ' as ' ~ dbt.type_string() ~ '), trim(' ~ as_text(landed) ~ "), '')"
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}
