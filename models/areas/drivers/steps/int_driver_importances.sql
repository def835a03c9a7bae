{# Shapley's share of each driver in R² (LMG): what it adds to R², averaged over all orders in which
   the drivers could come in. Every subset is a row. Driver by driver a subset is left as it is,
   without the driver, or swept on it; what is carried on is the correlations of the drivers still to
   come, given those that are in. #}
{%- set y = explained_term() %}
with

choices as (

    select 0 as is_in

    union all

    select 1 as is_in

),

subsets_0 as (

    select
        correlations.group_number,
        regressions.drivers,
        {%- for term in driver_terms() %}
        regressions.slope_{{ term }} is not null as has_{{ term }},
        {%- endfor %}
        {{ pair_columns('a', first=1) }}
    from {{ ref('int_driver_correlations') }} as correlations
    inner join {{ ref('int_driver_regressions') }} as regressions
        on correlations.group_number = regressions.group_number

),

{%- for on in driver_terms() %}

subsets_{{ on }} as (

    select
        subsets.group_number,
        subsets.drivers,
        {%- for term in driver_terms() if term < on %}
        subsets.in_{{ term }},
        {%- endfor %}
        choices.is_in as in_{{ on }}
        {%- for term in driver_terms() if term > on %},
        subsets.has_{{ term }}
        {%- endfor %}
        {%- for i, j in pairs_of_terms(on + 1) %},
        case
            when choices.is_in = 1
                then subsets.a_{{ i }}_{{ j }}
                    - subsets.a_{{ on }}_{{ i }} * subsets.a_{{ on }}_{{ j }}
                    / subsets.a_{{ on }}_{{ on }}
            else subsets.a_{{ i }}_{{ j }}
        end as a_{{ i }}_{{ j }}
        {%- endfor %}
    from subsets_{{ on - 1 }} as subsets
    inner join choices
        on choices.is_in = 0 or subsets.has_{{ on }}

),
{%- endfor %}

subsets as (

    select
        *,
        1 - a_{{ y }}_{{ y }} as r_squared,
        {%- for term in driver_terms() %}
        {{ '+ ' if not loop.first }}in_{{ term }}
        {%- endfor %}
        as size
    from subsets_{{ maximum_drivers() }}

),

{# The weight of a subset where a driver is in it, and, taken away, where it is not. #}
weighted as (

    select
        *,
        case
            when size > 0 then {{ shapley_weight('greatest(size - 1, 0)', 'drivers') }}
        end as weight_with,
        case
            when size < drivers then {{ shapley_weight('least(size, drivers - 1)', 'drivers') }}
        end as weight_without
    from subsets

)

select
    group_number
    {%- for term in driver_terms() %},
    sum(
        case
            when in_{{ term }} = 1 then weight_with * r_squared
            else -weight_without * r_squared
        end
    ) as importance_{{ term }}
    {%- endfor %}
from weighted
where drivers > 0
group by group_number
