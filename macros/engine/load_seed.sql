{# Rows of a seed written out as literals. dbt-spark binds them, and in a session it binds NULL as the
   text None and a quote as the end of a text. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% set rows = [] %}
    {% for row in agate_table.rows %}
        {% set values = [] %}
        {% for name in agate_table.column_names %}
            {% set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) %}
            {% set value = 'null' if row[name] is none else text_literal(row[name] | string) %}
            {% do values.append('cast(' ~ value ~ ' as ' ~ type ~ ')') %}
        {% endfor %}
        {% do rows.append('(' ~ values | join(', ') ~ ')') %}
    {% endfor %}
    {% if rows %}
        {% do run_command('insert into ' ~ this.render() ~ ' values ' ~ rows | join(', ')) %}
    {% endif %}
    {{ return('') }}
{% endmacro %}
