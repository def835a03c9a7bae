{# The currency that figures are reported in, as a literal; in a setting it may be written `eur`. #}
{% macro reporting_currency() -%}
    {{ return(text_literal(var('reporting_currency') | string | trim | upper)) }}
{%- endmacro %}
