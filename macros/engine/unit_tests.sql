{# Rows of a unit test as dbt writes them, with every column of their relation. dbt itself asks a macro
   how to write each column of each row; here only those that are given a value are asked for. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
    {% if column_name_to_data_types %}
        {{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}
    {% endif %}
    {% set types, names, absent = {}, {}, {} %}
    {% for column in adapter.get_columns_in_relation(this) %}
        {% set name = column.name | lower %}
        {% do types.update({name: column.data_type}) %}
        {% do names.update({name: column.quoted}) %}
        {% do absent.update({name: 'cast(null as ' ~ column.data_type ~ ')'}) %}
    {% endfor %}
    {% if not types %}
        {% do exceptions.raise_compiler_error('Unit tests: ' ~ this ~ ' is not built.') %}
    {% endif %}
    {% set selects = [] %}
    {% for row in rows or [{}] %}
        {% set values, columns = absent.copy(), [] %}
        {% do values.update(format_row(row, types)) %}
        {% for name, value in values.items() %}
            {% do columns.append(value ~ ' as ' ~ names[name]) %}
        {% endfor %}
        {% do selects.append('select ' ~ columns | join(', ')) %}
    {% endfor %}
    {{ return(selects | join('\nunion all\n') ~ ('' if rows else '\nlimit 0')) }}
{% endmacro %}
