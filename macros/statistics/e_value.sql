{# How strong an unknown common cause would have to be, as a risk ratio with both the score and leaving,
   to explain a risk ratio away. #}
{% macro e_value(risk_ratio) -%}
    case
        when {{ risk_ratio }} >= 1 then {{ risk_ratio }} + sqrt({{ risk_ratio }} * ({{ risk_ratio }} - 1))
        when {{ risk_ratio }} > 0
            then 1 / {{ risk_ratio }} + sqrt(1 / {{ risk_ratio }} * (1 / {{ risk_ratio }} - 1))
    end
{%- endmacro %}
