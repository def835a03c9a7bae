{# The sums from which every slope is made: r = baseline revenue, x = contribution, y = revenue of
   month k, a = still there at its start. The one stratum of an unadjusted segment is the sum of its
   adjusted ones. #}
{% set sums = ['n', 'r', 'rx', 'rxx', 'y', 'xy', 'ra', 'rxa', 'ya'] %}
with

cell_sums as (

    select
        cell_number,
        k,
        count(*) as n,
        sum(monthly_baseline_revenue) as r,
        sum(monthly_baseline_revenue * contribution) as rx,
        sum(monthly_baseline_revenue * contribution * contribution) as rxx,
        sum(revenue) as y,
        sum(contribution * revenue) as xy,
        sum(monthly_baseline_revenue * is_retained) as ra,
        sum(monthly_baseline_revenue * contribution * is_retained) as rxa,
        sum(revenue * is_retained) as ya
    from {{ ref('int_index_panel') }}
    group by cell_number, k

),

strata as (

    select distinct
        stratum_number,
        cell_number,
        band
    from {{ ref('int_point_strata') }}
    where adjustment = 'adjusted'

),

adjusted as (

    select
        strata.stratum_number,
        strata.band,
        cell_sums.k,
        {% for name in sums -%}
        sum(cell_sums.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from cell_sums
    inner join strata
        on cell_sums.cell_number = strata.cell_number
    group by strata.stratum_number, strata.band, cell_sums.k

),

segments as (

    select distinct
        unadjusted.stratum_number,
        adjusted.stratum_number as part_number
    from {{ ref('int_point_strata') }} as unadjusted
    inner join {{ ref('int_point_strata') }} as adjusted
        on
            unadjusted.segment_dimension = adjusted.segment_dimension
            and unadjusted.segment_value = adjusted.segment_value
            and unadjusted.cell_number = adjusted.cell_number
            and unadjusted.adjustment = 'unadjusted'
            and adjusted.adjustment = 'adjusted'

)

select
    stratum_number,
    band,
    k,
    {{ sums | join(',\n    ') }}
from adjusted

union all

select
    segments.stratum_number,
    adjusted.band,
    adjusted.k,
    {% for name in sums -%}
    sum(adjusted.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from adjusted
inner join segments
    on adjusted.stratum_number = segments.part_number
group by segments.stratum_number, adjusted.band, adjusted.k
