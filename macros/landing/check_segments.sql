{# Refuses what the setting `segments` cannot mean, before anything is loaded. #}
{% macro refuse_wrong_segments() %}
    {% set names = var('segments') %}
    {% if names is string or names is mapping or names is not iterable %}
        {% do landing_error('the setting segments is no list; write it as segments: [industry, contract_length].') %}
    {% endif %}
    {% for name in names if name is not string or not modules.re.fullmatch('[a-z][a-z0-9_]{0,50}', name) %}
        {% do landing_error(
            'the setting segments names ' ~ name ~ ', which no column can be called; write it in small letters, '
            ~ 'digits and _, and call the column so in the file.'
        ) %}
    {% endfor %}
    {% set offered, taken = [], [] %}
    {% for dataset in datasets_with_segments() %}
        {% for column in landing_dataset(dataset).columns if column.name == column.header %}
            {% do (offered if column.segment else taken).append(column.name) %}
        {% endfor %}
    {% endfor %}
    {% set known = segment_dimensions(['customer', 'standing', 'answer', 'case'])
        | rejectattr('is_own') | map(attribute='name') | list %}
    {% for name in names %}
        {% set named = 'the setting segments names ' ~ name %}
        {% if name in known %}
            {% do landing_error(named ~ ', by which every figure is cut anyway; leave it out.') %}
        {% elif name in taken %}
            {% do landing_error(
                named ~ ', a column of the landing contract that is no segment; of these it may name '
                ~ offered | sort | join(', ') ~ '.'
            ) %}
        {% elif names[:loop.index0] | select('equalto', name) | list %}
            {% do landing_error(named ~ ' twice; keep one.') %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# Refuses a segment that no file has a column for, and one of more values than figures can be cut by. *claimed*
   are the files of each dataset. #}
{% macro refuse_unusable_segments(claimed) %}
    {% for name in var('segments') %}
        {% set values = [] %}
        {% for dataset in datasets_with_segments() %}
            {% do values.append(
                'select ' ~ parse_value('text', own_column(dataset, name)) ~ ' as own_value from landing.' ~ dataset
            ) %}
        {% endfor %}
        {% set found = run_query(
            'select count(distinct own_value) from (' ~ values | join(' union all ') ~ ') as own_values'
        ).columns[0].values()[0] | int %}
        {% if found == 0 and not has_segment_column(name, claimed) %}
            {% do landing_error(
                'the setting segments names ' ~ name ~ ', but no file of '
                ~ datasets_with_segments() | join(' or ') ~ ' has such a column; add it to the export, or '
                ~ "leave it out of the landing's pointworth.yml."
            ) %}
        {% elif found > var('segment_values') %}
            {% do landing_error(
                'the setting segments names ' ~ name ~ ', which has ' ~ found ~ ' values where figures are cut by '
                ~ 'at most ' ~ var('segment_values') ~ '; name a column with fewer, such as a group of them, '
                ~ 'or raise segment_values.'
            ) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{# Whether a file has the column of a user's segment, be it without a value. #}
{% macro has_segment_column(name, claimed) %}
    {% for dataset in datasets_with_segments() %}
        {% set own = own_column(dataset, name) %}
        {% for file in claimed.get(dataset, []) %}
            {% if own in landing_columns(landing_dataset(dataset), file).places or name in landing_partition_keys(file) %}
                {{ return(true) }}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
