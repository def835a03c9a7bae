{# Every row of a relation twice: for its client, and for `all` together, as the column says. #}
{% macro each_client_and_all(relation, column) -%}
    select
        'all' as {{ column }},
        {{ relation }}.*
    from {{ relation }}

    union all

    select
        {{ relation }}.client_id as {{ column }},
        {{ relation }}.*
    from {{ relation }}
{%- endmacro %}
