{# The share of a campaign's customers that its design sends to treatment: the var is a number for all,
   or numbers by campaign with a `default`. #}
{% macro treated_share(campaign) -%}
    {%- set share = var('treated_share') -%}
    {%- if share is mapping -%}
    case {{ campaign }}
        {%- for name, value in share.items() if name != 'default' %}
        when {{ text_literal(name) }} then cast({{ value }} as double)
        {%- endfor %}
        else cast({{ share.get('default', 0.5) }} as double)
    end
    {%- else -%}
    cast({{ share }} as double)
    {%- endif -%}
{%- endmacro %}
