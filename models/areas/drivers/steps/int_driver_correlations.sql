{# Products centred and scaled: correlations, on which sweeping loses the fewest digits. A driver
   without spread, or not there, has 0 throughout. Only where there are answers enough and they
   differ in score. #}
with

deviations as (

    select
        group_number,
        p_0_0 as responses,
        {%- for term in driver_terms() %}
        p_0_{{ term }} / p_0_0 as mean_{{ term }},
        {%- endfor %}
        p_0_{{ explained_term() }} / p_0_0 as nps
        {#- n Σxy − Σx Σy: of whole numbers a whole number, so that no spread is exactly none. #}
        {%- for i, j in pairs_of_terms(1) %},
        p_0_0 * p_{{ i }}_{{ j }} - p_0_{{ i }} * p_0_{{ j }} as d_{{ i }}_{{ j }}
        {%- endfor %}
    from {{ ref('int_driver_products') }}
    where p_0_0 >= {{ var('minimum_responses') }}

),

{%- set y = explained_term() %}

spreads as (

    select
        *
        {%- for term in range(1, y + 1) %},
        case when d_{{ term }}_{{ term }} > 0 then sqrt(d_{{ term }}_{{ term }}) end
            as spread_{{ term }}
        {%- endfor %}
    from deviations
    where d_{{ y }}_{{ y }} > 0

)

select
    group_number,
    cast(responses as bigint) as responses,
    nps,
    {%- for term in driver_terms() %}
    mean_{{ term }},
    {%- endfor %}
    {#- In units of the data: standard deviations, with n below the line. #}
    {%- for term in range(1, y + 1) %}
    spread_{{ term }} / responses as deviation_{{ term }},
    {%- endfor %}
    {%- for i, j in pairs_of_terms(1) %}
    {%- if i == j %}
    cast(case when spread_{{ i }} is null then 0 else 1 end as double) as a_{{ i }}_{{ j }}
    {{- ',' if not loop.last }}
    {%- else %}
    coalesce(d_{{ i }}_{{ j }} / (spread_{{ i }} * spread_{{ j }}), 0.0) as a_{{ i }}_{{ j }},
    {%- endif %}
    {%- endfor %}
from spreads
