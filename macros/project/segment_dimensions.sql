{# Every way in which figures are cut, once. `of` says where a dimension is known:
     customer  an attribute of the customer, whatever was answered
     standing  the customer's standing at the time of the answer
     answer    an attribute of the answer
     case      an attribute of the closed-loop case an answer opened
   A dimension is the attribute of its name, or the crossing of two. A new one is one line here, or a
   name in the setting `segments`. #}
{% macro segment_dimensions(of=['customer', 'standing', 'answer']) %}
    {% set dimensions = [
        {'name': 'all', 'of': 'customer', 'value': "'all'"},
        {'name': 'client_id', 'of': 'customer'},
        {'name': 'customer_type', 'of': 'customer'},
        {'name': 'region', 'of': 'customer'},
        {'name': 'plan_tier', 'of': 'customer'},
        {'name': 'tenure_band', 'of': 'standing'},
        {'name': 'revenue_band', 'of': 'standing'},
        {'name': 'service_line', 'of': 'answer'},
        {'name': 'journey_stage', 'of': 'answer'},
        {'name': 'channel', 'of': 'answer'},
        {'name': 'service_line × customer_type', 'of': 'answer'},
        {'name': 'owner_team', 'of': 'case'},
        {'name': 'root_cause', 'of': 'case'},
        {'name': 'corrective_action', 'of': 'case'},
        {'name': 'outcome', 'of': 'case'},
        {'name': 'root_cause × corrective_action', 'of': 'case'},
        {'name': 'corrective_action × outcome', 'of': 'case'},
    ] %}
    {% set chosen = [] %}
    {% for dimension in dimensions + own_segments() if dimension.of in of %}
        {% do chosen.append({
            'name': dimension.name,
            'of': dimension.of,
            'value': dimension.get('value', dimension.name.split(' × ') | join(" || ' × ' || ")),
            'is_attribute': dimension.get('is_own') or dimension.name.isidentifier() and not dimension.get('value'),
            'is_own': dimension.get('is_own', false),
        }) %}
    {% endfor %}
    {{ return(chosen) }}
{% endmacro %}


{# The columns that dimensions of these kinds are made of. #}
{% macro segment_attributes(of) %}
    {{ return(segment_dimensions(of) | selectattr('is_attribute') | map(attribute='value') | list) }}
{% endmacro %}


{# Which segments each cell belongs to, from a table of cells: one row per cell and dimension, without a
   value where the cell has none. #}
{% macro segments_of_cells(cells, cell, of) -%}
    {%- for dimension in segment_dimensions(of) %}
    select
        {{ cell }},
        '{{ dimension.of }}' as known_of,
        '{{ dimension.name }}' as segment_dimension,
        {{ dimension.value }} as segment_value
    from {{ cells }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}


{# The bridge that knows dimensions of these kinds, its cell, and the cell that rows carry for it: the
   customer's, that of the customer's standing, the answer's, or the case's. #}
{% macro segment_bridge(of) %}
    {% if of == ['customer'] %}
        {{ return([ref('int_customer_segments'), 'customer_cell', 'customer_cell']) }}
    {% elif 'case' in of %}
        {{ return([ref('int_case_segments'), 'case_cell', 'case_cell']) }}
    {% elif 'answer' in of %}
        {{ return([ref('int_answer_segments'), 'cell', 'cell']) }}
    {% endif %}
    {{ return([ref('int_answer_segments'), 'cell', 'standing_cell']) }}
{% endmacro %}


{# Rows repeated once per segment of their cell, with segment_dimension and segment_value; a row without
   a value in a dimension does not count there, or stands in the segment `missing` if one is named.
   `keep` names the columns to carry. What adds up is added up by cell before. #}
{% macro by_segment(
    relation, keep, of=['customer', 'standing', 'answer'], missing=none, dimensions=none
) -%}
    {%- set bridge, cell, carried = segment_bridge(of) %}
    select
        segments.segment_dimension,
        {% if missing %}coalesce(segments.segment_value, '{{ missing }}') as segment_value{% else %}segments.segment_value{% endif %},
        {{ keep | join(',\n        ') }}
    from {{ relation }} as of_cells
    inner join {{ bridge }} as segments
        on of_cells.{{ carried }} = segments.{{ cell }}
    where
        segments.known_of in ('{{ of | join("', '") }}')
    {%- if dimensions %}
        and segments.segment_dimension in ('{{ dimensions | join("', '") }}')
    {%- endif %}
    {%- if not missing %}
        and segments.segment_value is not null
    {%- endif %}
{%- endmacro %}


{# Rows twice, for everybody and for the client they belong to: where a figure is cut further in another
   way. #}
{% macro by_client(relation, keep) -%}
    {%- for name, value in [('all', "'all'"), ('client_id', 'client_id')] %}
    select
        '{{ name }}' as segment_dimension,
        {{ value }} as segment_value,
        {{ keep | join(',\n        ') }}
    from {{ relation }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}
