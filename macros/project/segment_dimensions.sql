{# Every way in which figures are cut, once. `of` says where a dimension is known:
     customer  an attribute of the customer, whatever was answered
     standing  the customer's standing at the time of the answer
     answer    an attribute of the answer
     case      an attribute of the closed-loop case an answer opened
   A new dimension is one line here. #}
{% macro segment_dimensions(of=['customer', 'standing', 'answer']) %}
    {% set dimensions = [
        {'name': 'all', 'value': "'all'", 'of': 'customer'},
        {'name': 'client_id', 'value': 'client_id', 'of': 'customer'},
        {'name': 'customer_type', 'value': 'customer_type', 'of': 'customer'},
        {'name': 'region', 'value': 'region', 'of': 'customer'},
        {'name': 'plan_tier', 'value': 'plan_tier', 'of': 'customer'},
        {'name': 'tenure_band', 'value': 'tenure_band', 'of': 'standing'},
        {'name': 'revenue_band', 'value': 'revenue_band', 'of': 'standing'},
        {'name': 'service_line', 'value': 'service_line', 'of': 'answer'},
        {'name': 'journey_stage', 'value': 'journey_stage', 'of': 'answer'},
        {'name': 'channel', 'value': 'channel', 'of': 'answer'},
        {
            'name': 'service_line × customer_type',
            'value': "service_line || ' × ' || customer_type",
            'of': 'answer',
        },
        {'name': 'owner_team', 'value': 'owner_team', 'of': 'case'},
        {'name': 'root_cause', 'value': 'root_cause', 'of': 'case'},
        {'name': 'corrective_action', 'value': 'corrective_action', 'of': 'case'},
        {'name': 'outcome', 'value': 'outcome', 'of': 'case'},
        {
            'name': 'root_cause × corrective_action',
            'value': "root_cause || ' × ' || corrective_action",
            'of': 'case',
        },
        {
            'name': 'corrective_action × outcome',
            'value': "corrective_action || ' × ' || outcome",
            'of': 'case',
        },
    ] %}
    {% set chosen = [] %}
    {% for dimension in dimensions if dimension.of in of %}
        {% do chosen.append(dimension) %}
    {% endfor %}
    {{ return(chosen) }}
{% endmacro %}


{# Rows repeated once per dimension, with segment_dimension and segment_value; a row without a value
   in a dimension does not count there, or stands in the segment `missing` if one is named. `keep` names
   the columns to carry. #}
{% macro by_segment(
    relation, keep, of=['customer', 'standing', 'answer'], missing=none
) -%}
    {%- for dimension in segment_dimensions(of) %}
    select
        '{{ dimension.name }}' as segment_dimension,
        {% if missing %}coalesce({{ dimension.value }}, '{{ missing }}'){% else %}{{ dimension.value }}{% endif %} as segment_value,
        {{ keep | join(',\n        ') }}
    from {{ relation }}
    {%- if dimension.name != 'all' and not missing %}
    where {{ dimension.value }} is not null
    {%- endif %}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
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
