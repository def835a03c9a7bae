{# Publication for readers on Spark. Every run of `pointworth build` builds its marts in a namespace of
   its own, marts_<run>, which nobody reads yet. `published.current_run` has one row: the namespace to
   read. It is replaced in one commit, so that a reader who takes the name from it finds all marts of
   one run, and those who are reading the old one can finish. #}

{# Make a namespace the one to read. Of the others, the latest `kept` stay; older ones go, and with them
   what runs that were killed have left. #}
{% macro publish_marts(namespace, kept) %}
    {% do run_command('create schema if not exists published') %}
    {% do run_command('create table if not exists published.current_run (namespace string) using iceberg') %}
    {% do run_command('insert overwrite published.current_run select ' ~ text_literal(namespace)) %}
    {% set known = marts_namespaces() %}
    {% for name in known[:-kept] if name != namespace %}
        {% do drop_namespace(name) %}
    {% endfor %}
{% endmacro %}


{# A run failed: its namespace goes. If it is the published one already, because something after that
   failed, the version before it comes back. #}
{% macro withdraw_marts(namespace) %}
    {% if namespace == published_namespace() %}
        {% set before = run_query(
            'select parent_id from published.current_run.snapshots where snapshot_id = '
            ~ "(select snapshot_id from published.current_run.refs where name = 'main')"
        ).columns[0].values() | first %}
        {% set earlier = ' version as of ' ~ before if before else ' where false' %}
        {% do run_command(
            'insert overwrite published.current_run select * from published.current_run' ~ earlier
        ) %}
    {% endif %}
    {% if namespace in marts_namespaces() %}
        {% do drop_namespace(namespace) %}
    {% endif %}
{% endmacro %}


{# The namespaces of runs, the oldest first. #}
{% macro marts_namespaces() %}
    {% set names = [] %}
    {% for name in run_query('show namespaces').columns[0].values() if name.startswith('marts_') %}
        {% do names.append(name) %}
    {% endfor %}
    {{ return(names | sort) }}
{% endmacro %}


{% macro published_namespace() %}
    {% if 'published' not in run_query('show namespaces').columns[0].values() %}
        {{ return(none) }}
    {% endif %}
    {{ return(run_query('select namespace from published.current_run').columns[0].values() | first) }}
{% endmacro %}


{% macro drop_namespace(namespace) %}
    {% do drop_tables(namespace) %}
    {% do run_command('drop namespace ' ~ namespace) %}
{% endmacro %}
