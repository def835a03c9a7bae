{# The share of a dataset's rows that may be rejected before nothing is published: the var is a number
   for all, or numbers by dataset with a `default`. #}
{% macro max_rejected_share(dataset) -%}
    {%- set limit = var('max_rejected_share') -%}
    {%- if limit is mapping -%}
    case {{ dataset }}
        {%- for name, share in limit.items() if name != 'default' %}
        when {{ text_literal(name) }} then {{ share }}
        {%- endfor %}
        else {{ limit.get('default', 0.05) }}
    end
    {%- else -%}
    {{ limit }}
    {%- endif -%}
{%- endmacro %}
