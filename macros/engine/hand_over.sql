{# What is computed on Spark is handed over as Parquet, for the steps that follow the build: a folder per
   table, in a folder per schema. Run by `pointworth build`, on Spark only. *folder* must mean the same
   to Spark's workers and to who reads it. #}

{# What is known of the load, and every dataset; of one with more rows than LARGE a sample, in which
   each row has the same chance: validation asks about shares. #}
{% macro hand_over_landing(folder) %}
    {% set large = 1000000 %}
    {% for name in ['loaded_files', 'ignored_columns'] %}
        {% do hand_over('select * from landing.' ~ name, folder ~ '/landing/' ~ name) %}
    {% endfor %}
    {% set rows_read = {} %}
    {% for name, rows in run_query(
        'select dataset, sum(rows_read) as rows_read from landing.loaded_files group by dataset'
    ).rows %}
        {% do rows_read.update({name: rows | int}) %}
    {% endfor %}
    {% for name in landing_datasets() %}
        {% set one_in = rows_read.get(name, 0) // large + 1 %}
        {% set sample = ' where pmod(xxhash64(source_file, source_row), ' ~ one_in ~ ') = 0' if one_in > 1 else '' %}
        {% do hand_over(
            'select *, ' ~ row_hash(key_values(landing_dataset(name))) ~ ' as key_hash from landing.' ~ name ~ sample,
            folder ~ '/landing/' ~ name
        ) %}
    {% endfor %}
{% endmacro %}


{# Of the models named, the marts and the clock. #}
{% macro hand_over_marts(folder, names) %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name in names %}
        {% if node.access == 'public' %}
            {% do hand_over('select * from ' ~ node.schema ~ '.' ~ node.alias, folder ~ '/marts/' ~ node.name) %}
        {% elif node.name == 'int_run_clock' %}
            {% do hand_over(
                'select * from ' ~ node.schema ~ '.' ~ node.alias, folder ~ '/intermediate/' ~ node.name
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# The names of the tables with a row. #}
{% macro hand_over_filled_tables(folder) %}
    {% set counts = [] %}
    {% for name in landing_datasets() %}
        {% do counts.append("select 'landing' as schema_name, '" ~ name ~ "' as table_name, count(*) as row_count "
            ~ 'from landing.' ~ name) %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') and not is_left_out(node) %}
        {% do counts.append("select '" ~ node.schema ~ "', '" ~ node.alias ~ "', count(*) from "
            ~ node.schema ~ '.' ~ node.alias) %}
    {% endfor %}
    {% do hand_over(
        'select schema_name, table_name from (' ~ counts | join(' union all ') ~ ') where row_count > 0',
        folder ~ '/counts/filled_tables'
    ) %}
{% endmacro %}


{% macro hand_over(query, folder) %}
    {% do run_command('insert overwrite directory ' ~ text_literal(folder) ~ ' using parquet ' ~ query) %}
{% endmacro %}
