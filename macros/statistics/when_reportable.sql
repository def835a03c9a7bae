{# An estimate, or NULL where it rests on too few answers. #}
{% macro when_reportable(estimate) -%}
    case when is_reportable then {{ estimate }} end
{%- endmacro %}
