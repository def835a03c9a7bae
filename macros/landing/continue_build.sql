{# Whether the tables in the build file may be continued. They may when they come from a build that
   ended well, from the same folder, with the same models, seeds and settings; and not when a full
   refresh is asked for. When they may not, they are dropped, so that everything is built from
   scratch. #}
{% macro continue_build_or_start_anew(from_scratch) %}
    {% if not from_scratch and not flags.FULL_REFRESH and known_fingerprint() == build_fingerprint() %}
        {{ return(true) }}
    {% endif %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' %}
        {% if node.config.materialized == 'incremental' %}
            {% set relation = api.Relation.create(node.database, node.schema, node.alias, type='table') %}
            {% do run_command('drop table if exists ' ~ relation) %}
            {% do adapter.cache_dropped(relation) %}
        {% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}


{# What continued tables depend on besides the landing's files and the day it is as of. #}
{% macro build_fingerprint() %}
    {% set parts = [
        var('landing'), var('reporting_currency'), dbt_version, env_var('POINTWORTH_MACROS', ''),
    ] %}
    {% for setting in ['customer_key', 'calendar_from', 'calendar_to', 'origins_from'] %}
        {% do parts.append(setting ~ ' ' ~ var(setting)) %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed') %}
        {% do parts.append(node.unique_id ~ ' ' ~ node.checksum.checksum) %}
    {% endfor %}
    {% for name in landing_datasets() %}
        {% do parts.append(landing_dataset(name) | string) %}
    {% endfor %}
    {{ return(local_md5(parts | sort | join('\n'))) }}
{% endmacro %}


{# For on-run-end. When a run built and tested everything, changes are counted anew from here on. A run
   in which anything failed, or that built a part only, leaves them as they are. #}
{% macro settle_changes(results, checked) %}
    {% if not execute or flags.WHICH != 'build' or not var('landing') %}{{ return('') }}{% endif %}
    {% set ended = {} %}
    {% for result in results %}
        {% do ended.update({result.node.unique_id: result.status | string}) %}
    {% endfor %}
    {% do ended.update(checked) %}
    {% set incomplete = [] %}
    {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'test') %}
        {% if not is_left_out(node) and ended.get(node.unique_id) not in ('success', 'pass', 'warn') %}
            {% do incomplete.append(node.unique_id) %}
        {% endif %}
    {% endfor %}
    {% if not incomplete %}
        {% set clock = graph.nodes['model.pointworth.int_run_clock'] %}
        {% do settle_landing(build_fingerprint(), clock.schema ~ '.' ~ clock.alias) %}
    {% endif %}
{% endmacro %}
