{# Two arms of a comparison from their risks and effective numbers of customers (see survival_within):
   the columns <treated>_risk, <treated>_effective and the same of the control are in scope. A share's
   variance is risk × (1 − risk) / effective, which is Greenwood's where customers are censored. #}

{% macro arm_variance(arm) -%}
    ({{ arm }}_risk * (1 - {{ arm }}_risk) / {{ arm }}_effective)
{%- endmacro %}


{# Bound of the difference treated − control. Where nothing is censored, or an arm has no variance of its
   own, Newcombe's (1998) hybrid score interval; else the normal one of Greenwood's variances. #}
{% macro risk_difference_bound(treated, control, is_censored, side) -%}
    {%- set near, far = ('-', '+') if side == '-' else ('+', '-') -%}
    case
        when
            not {{ is_censored }}
            or {{ treated }}_risk in (0, 1)
            or {{ control }}_risk in (0, 1)
            then {{ treated }}_risk - {{ control }}_risk
                {{ side }} sqrt(
                    power(
                        {{ treated }}_risk
                        - {{ wilson_bound(treated ~ '_risk * ' ~ treated ~ '_effective', treated ~ '_effective', near) }},
                        2
                    )
                    + power(
                        {{ control }}_risk
                        - {{ wilson_bound(control ~ '_risk * ' ~ control ~ '_effective', control ~ '_effective', far) }},
                        2
                    )
                )
        else {{ treated }}_risk - {{ control }}_risk
            {{ side }} {{ z95() }} * sqrt({{ arm_variance(treated) }} + {{ arm_variance(control) }})
    end
{%- endmacro %}


{# z of the difference under equal risks (the pooled test: the χ² of a two-by-two table where nothing is
   censored). NULL where nobody or everybody left in both arms. #}
{% macro pooled_z(treated, control) -%}
    {%- set pooled = '((' ~ treated ~ '_risk * ' ~ treated ~ '_effective + ' ~ control ~ '_risk * '
        ~ control ~ '_effective) / (' ~ treated ~ '_effective + ' ~ control ~ '_effective))' -%}
    (
        ({{ treated }}_risk - {{ control }}_risk)
        / nullif(
            sqrt(
                {{ pooled }} * (1 - {{ pooled }})
                * (1 / {{ treated }}_effective + 1 / {{ control }}_effective)
            ),
            0
        )
    )
{%- endmacro %}


{# An arm's risk for a ratio: where one of the arms has no event, half an event and half a customer
   without one are added to both (Walter 1975), else a ratio has no value. #}
{% macro risk_for_ratio(arm, treated, control) -%}
    case
        when {{ treated }}_risk = 0 or {{ control }}_risk = 0
            then ({{ arm }}_risk * {{ arm }}_effective + 0.5) / ({{ arm }}_effective + 1)
        else {{ arm }}_risk
    end
{%- endmacro %}


{# Standard error of the logarithm of the ratio of two such risks, <arm>_ratio_risk. #}
{% macro log_ratio_error(treated, control) -%}
    sqrt(
        {% for arm in (treated, control) -%}
        {{ '+ ' if not loop.first }}(1 - {{ arm }}_ratio_risk) / {{ arm }}_ratio_risk
        / ({{ arm }}_effective + case when {{ treated }}_risk = 0 or {{ control }}_risk = 0 then 1 else 0 end)
        {% endfor -%}
    )
{%- endmacro %}


{# An estimate that compares two arms, or NULL where there are not two that can be compared. #}
{% macro when_compared(estimate) -%}
    case when is_reportable and evidence <> 'descriptive' then {{ estimate }} end
{%- endmacro %}


{# What the action does to those who accept it (Bloom 1984): the effect on all over the share by which the
   arms differ in having accepted, taken as known. #}
{% macro complier_effect(difference) -%}
    case
        when acceptance_difference > 0
            then greatest(-1.0, least(1.0, {{ difference }} / acceptance_difference))
    end
{%- endmacro %}
