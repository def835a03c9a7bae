{# What a residual would be had its own observation not drawn the fit to itself: it is divided by one
   less its leverage (HC3, MacKinnon & White 1985). A fit of weights r on x within strata draws to itself
   as much as the observation weighs in its stratum and in the spread of the contributions. #}

{# The residual without that pull. A fit that passes through an observation whatever it is (alone in its
   stratum) leaves no residual, only rounding: it says nothing about the error, and counts for none. #}
{% macro without_own_pull(residual, leverage) -%}
    {%- set leverage = '(' ~ leverage ~ ')' -%}
    case
        when 1 - {{ leverage }} > 1e-9 then ({{ residual }}) / (1 - {{ leverage }})
        else 0.0
    end
{%- endmacro %}


{# Of the strata, by stratum_number and k, what a customer's month is measured against (a CTE; Σ r, the means
   weighted by r). #}
{% macro stratum_means() -%}
stratum_means as (

    select
        stratum_number,
        k,
        {{ safe_ratio('1', 'r') }} as per_baseline,
        {{ safe_ratio('rx', 'r') }} as mean_contribution,
        {{ safe_ratio('y', 'r') }} as mean_revenue,
        {{ safe_ratio('ra', 'r') }} as mean_retention
    from {{ ref('int_point_stratum_sums') }}

)
{%- endmacro %}


{# Of a customer's month in its stratum, the terms that do not depend on a slope: with d the distance of
   the contribution from the stratum's mean, the customer's share of the stratum, r d², d times the
   revenue and r d times the staying, both beyond the stratum's mean. On a line of slope b through the means
   the residual of a slope is (product − b × spread), its leverage share + spread / Σ spread. #}
{% macro distances_from(panel, means) -%}
    {%- set r = panel ~ '.monthly_baseline_revenue' -%}
    {%- set distance = '(' ~ panel ~ '.contribution - ' ~ means ~ '.mean_contribution)' -%}
    {{ r }} * {{ means }}.per_baseline as share,
        {{ r }} * {{ distance }} * {{ distance }} as spread,
        {{ distance }} * ({{ panel }}.revenue - {{ r }} * {{ means }}.mean_revenue) as revenue_product,
        {{ r }} * {{ distance }} * ({{ panel }}.is_retained - {{ means }}.mean_retention)
            as retention_product
{%- endmacro %}
