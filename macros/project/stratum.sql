{# The strata within which like is compared with like, as one text: the columns of the var `strata`. #}
{% macro stratum(relation) -%}
    {%- for column in var('strata') -%}
    coalesce({{ relation }}.{{ column }}, 'unknown'){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Gaps, in days, between an answer and the day from which leaving counts as coming after it. #}
{% macro landmark_gaps() %}{{ return([0, 7]) }}{% endmacro %}

{# Windows, in days, for which the risk of leaving is published. #}
{% macro churn_windows() %}{{ return([30, 60, 90, 120, 180, 365]) }}{% endmacro %}
