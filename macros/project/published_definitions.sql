{# What the contracts of the marts say of them, as rows of literals: the source of dim_marts and
   dim_measures. While dbt parses there is no graph, and no row. #}

{# The models of the public contract, by name. #}
{% macro public_models() %}
    {% set found = [] %}
    {% for node in graph.get('nodes', {}).values() if node.resource_type == 'model' and node.access == 'public' %}
        {% do found.append(node) %}
    {% endfor %}
    {{ return(found | sort(attribute='name')) }}
{% endmacro %}


{# The columns of a mart's key, where it has one; else none. #}
{% macro key_of(model) %}
    {% for constraint in model.constraints if constraint.type == 'primary_key' %}
        {{ return(constraint.columns) }}
    {% endfor %}
    {{ return([]) }}
{% endmacro %}


{# The condition for the rows people mean when they say the mart's name; empty where that is all. #}
{% macro headline_of(model) %}
    {% set conditions = [] %}
    {% for column, value in model.config.meta.get('headline', {}).items() %}
        {% do conditions.append(column ~ " = '" ~ value ~ "'") %}
    {% endfor %}
    {{ return(conditions | join(' and ')) }}
{% endmacro %}


{# A question that any database answers with these rows of texts and numbers; NULL where there is none.
   A macro is called only for a text that needs it: there are thousands. #}
{% macro rows_of_literals(rows, columns) -%}
    {%- if rows %}
    select *
    from (
        values
        {%- for row in rows %}
        (
            {%- for value in row -%}
                {%- if value is none or value == '' -%}
                    null
                {%- elif value is number -%}
                    {{ value }}
                {%- elif "'" not in value and '\\' not in value -%}
                    '{{ value }}'
                {%- else -%}
                    {{ text_literal(value) }}
                {%- endif -%}
                {{ ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as definitions ({{ columns | join(', ') }})
    {%- else %}
    select {% for column in columns %}cast(null as string) as {{ column }}{{ ', ' if not loop.last }}{% endfor %}
    where 1 = 0
    {%- endif %}
{%- endmacro %}


{# A row per mart. #}
{% macro mart_definitions() -%}
    {%- set rows = [] %}
    {%- for model in public_models() %}
        {%- set meta = model.config.meta %}
        {%- do rows.append([
            model.name, meta.get('question'), model.description.split('\n\n')[0].split() | join(' '),
            key_of(model) | join(', '), headline_of(model), meta.get('read'), meta.get('order'),
        ]) %}
    {%- endfor %}
    {{- rows_of_literals(
        rows, ['mart', 'question', 'description', 'key_columns', 'headline', 'reading', 'reading_order']
    ) }}
{%- endmacro %}


{# A row per mart and column. #}
{% macro measure_definitions() -%}
    {%- set rows = [] %}
    {%- for model in public_models() %}
        {%- for column in model.columns.values() %}
            {%- set meta = column.config.meta %}
            {%- do rows.append([
                model.name, column.name, loop.index, column.data_type, meta.get('unit'),
                meta.get('of'), meta.get('adds_over', []) | join(', '),
                column.description.split() | join(' '),
            ]) %}
        {%- endfor %}
    {%- endfor %}
    {{- rows_of_literals(
        rows,
        ['mart', 'column_name', 'column_position', 'data_type', 'unit', 'estimate', 'summed_over', 'description']
    ) }}
{%- endmacro %}
