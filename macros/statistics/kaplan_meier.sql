{# Kaplan–Meier, one event day at a time. The survival is the exponential of the summed logarithms; a day
   on which all who are at risk leave ends it (survival 0), which a logarithm cannot say. #}

{% macro is_last_survivor(events, at_risk) -%}
    ({{ events }} >= {{ at_risk }} * (1 - 1e-12))
{%- endmacro %}

{# ln(1 − d/n), 0 on the day that ends the survival. #}
{% macro log_survival_step(events, at_risk) -%}
    case
        when {{ is_last_survivor(events, at_risk) }} then 0.0
        else ln(1 - {{ safe_ratio(events, at_risk) }})
    end
{%- endmacro %}

{# Greenwood's term d / (n (n − d)), with the effective number at risk where answers are weighted. #}
{% macro greenwood_step(events, at_risk, effective_at_risk) -%}
    case
        when {{ is_last_survivor(events, at_risk) }} then 0.0
        else {{ safe_ratio(events, at_risk) }}
            / ({{ effective_at_risk }} * (1 - {{ safe_ratio(events, at_risk) }}))
    end
{%- endmacro %}

{# A bound of the survival on the log(−log) scale; `side` is '-' for the lower and '+' for the upper.
   Without an event yet, or with nobody left, the scale has no value: the bound is NULL. #}
{% macro log_log_bound(survival, log_variance, side) -%}
    {%- set exponent = '-' if side == '+' else '' -%}
    case
        when {{ survival }} > 0 and {{ survival }} < 1
            then power(
                {{ survival }},
                exp({{ exponent }}{{ z95() }} * sqrt({{ log_variance }}) / abs(ln({{ survival }})))
            )
    end
{%- endmacro %}
