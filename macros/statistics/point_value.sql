{# Summed slopes in money: times the monthly baseline revenue; NULL where not reportable, or where what
   the figure rests on besides is not known. #}
{% macro point_value(slopes, is_known='true') -%}
    case
        when is_reportable and {{ is_known }}
            then {{ money('(' ~ slopes ~ ') * monthly_baseline_revenue') }}
    end
{%- endmacro %}


{# Half the width of the 95 % interval of such a value, from the standard error of the slopes. #}
{% macro point_margin(standard_error, is_known='true') -%}
    {{ point_value(z95() ~ ' * ' ~ standard_error, is_known) }}
{%- endmacro %}


{# The two ends of an interval around a rounded amount of money. #}
{% macro bounds(amount, margin, lower=none, upper=none) -%}
    cast({{ amount }} - {{ margin }} as decimal(18, 2)) as {{ lower or amount ~ '_lower' }},
    cast({{ amount }} + {{ margin }} as decimal(18, 2)) as {{ upper or amount ~ '_upper' }}
{%- endmacro %}
