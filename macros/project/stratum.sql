{# The strata within which like is compared with like, as one text: the columns of the var `strata`, or
   those `without` one of them. #}
{% macro stratum(relation, without=none) -%}
    {%- set columns = var('strata') | reject('equalto', without) | list -%}
    {%- for column in columns -%}
    coalesce({{ relation }}.{{ column }}, 'unknown'){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
    {{- "'all'" if not columns -}}
{%- endmacro %}

{# Gaps, in days, between an answer and the day from which leaving counts as coming after it. #}
{% macro landmark_gaps() %}{{ return([0, 7]) }}{% endmacro %}

{# Windows, in days, for which the risk of leaving is published. #}
{% macro churn_windows() %}{{ return([30, 60, 90, 120, 180, 365]) }}{% endmacro %}
