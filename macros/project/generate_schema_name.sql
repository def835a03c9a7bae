{# Schemas are named as configured (landing, staging, marts …), without the target's prefix. A run may
   have the marts in a schema of its own (see publish_marts); what is published has but one. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.name == 'published' -%}
        {{ target.schema }}
    {%- elif custom_schema_name == 'marts' -%}
        {{ env_var('POINTWORTH_MARTS_SCHEMA', 'marts') }}
    {%- else -%}
        {{ custom_schema_name or target.schema }}
    {%- endif -%}
{%- endmacro %}
