{# Ordinary least squares by sweeping the correlations on one driver after the other. A driver that
   is a combination of those before it is passed over: its slope is NULL. #}
{%- set y = explained_term() %}
with

swept as (

    select
        group_number,
        {{ swept_pairs('a') }} as pairs -- noqa: PRS
    from {{ ref('int_driver_correlations') }}

),

slopes as (

    select
        swept.group_number,
        swept.pairs,
        correlations.responses,
        correlations.nps
        {%- for term in driver_terms() %},
        correlations.mean_{{ term }},
        correlations.deviation_{{ term }},
        case
            when {{ was_swept('swept.pairs', term) }}
                then {{ cell_of_pair('swept.pairs', term, y) }} * correlations.deviation_{{ y }}
                    / correlations.deviation_{{ term }}
        end as slope_{{ term }}
        {%- endfor %}
    from swept
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
    1 - {{ cell_of_pair('pairs', y, y) }} as r_squared,
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
            then -{{ cell_of_pair('pairs', i, j) }}
                / (deviation_{{ i }} * deviation_{{ j }} * responses)
        else 0.0
    end as inverse_{{ i }}_{{ j }}
    {%- endfor %}
from slopes
