{# Ordinary least squares by sweeping the correlations on one driver after the other. A driver that
   is a combination of those before it is passed over: its slope is NULL. #}
{%- set y = explained_term() %}
with

swept_0 as (

    select
        group_number,
        {{ pair_columns('a', first=1) }}
    from {{ ref('int_driver_correlations') }}

),

{%- for on in driver_terms() %}

swept_{{ on }} as (

    select
        group_number
        {%- for i, j in pairs_of_terms(1) %},
        {{ swept_cell('a', i, j, on) }} as a_{{ i }}_{{ j }}
        {%- endfor %}
    from swept_{{ on - 1 }}

),
{%- endfor %}

slopes as (

    select
        swept.*,
        correlations.responses,
        correlations.nps
        {%- for term in driver_terms() %},
        correlations.mean_{{ term }},
        correlations.deviation_{{ term }},
        case
            when {{ was_swept('swept.a', term) }}
                then swept.a_{{ term }}_{{ y }} * correlations.deviation_{{ y }}
                    / correlations.deviation_{{ term }}
        end as slope_{{ term }}
        {%- endfor %}
    from swept_{{ maximum_drivers() }} as swept
    inner join {{ ref('int_driver_correlations') }} as correlations
        on swept.group_number = correlations.group_number

)

select
    group_number,
    responses,
    nps,
    cast(
        {%- for term in driver_terms() %}
        {{ '+ ' if not loop.first }}case when slope_{{ term }} is null then 0 else 1 end
        {%- endfor %}
        as int
    ) as drivers,
    1 - a_{{ y }}_{{ y }} as r_squared,
    nps
    {%- for term in driver_terms() %}
    - coalesce(slope_{{ term }} * mean_{{ term }}, 0)
    {%- endfor %}
    as intercept
    {%- for term in driver_terms() %},
    mean_{{ term }},
    slope_{{ term }}
    {%- endfor %}
    {#- The inverse of the centred sums of products, by which a residual moves the slopes. #}
    {%- for i, j in pairs_of_terms(1) if j < y %},
    case
        when slope_{{ i }} is not null and slope_{{ j }} is not null
            then -a_{{ i }}_{{ j }} / (deviation_{{ i }} * deviation_{{ j }} * responses)
        else 0.0
    end as inverse_{{ i }}_{{ j }}
    {%- endfor %}
from slopes
