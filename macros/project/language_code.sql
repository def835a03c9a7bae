{# The first part of a language, as patterns are kept by: `pt` of `pt-BR`, `PT_pt` and ` pt `. #}
{% macro language_code(language) -%}
    split_part(replace(lower(trim({{ language }})), '_', '-'), '-', 1)
{%- endmacro %}
