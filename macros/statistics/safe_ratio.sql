{# A ratio as a double; NULL where the denominator is 0 or unknown. #}
{% macro safe_ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{# A share kept between 0 and 1; NULL stays NULL, which greatest and least would pass over. #}
{% macro as_share(ratio) -%}
    case
        when {{ ratio }} < 0 then 0.0
        when {{ ratio }} > 1 then 1.0
        else {{ ratio }}
    end
{%- endmacro %}
