{# The sums from which every slope is made: r = baseline revenue, x = contribution, y = revenue of
   month k, a = still there at its start. The strata of a segment that are wider than its adjusted
   ones are sums of these. #}
{% set sums = ['n', 'r', 'rx', 'rxx', 'y', 'xy', 'ra', 'rxa', 'ya', 'r_per_answer'] %}
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
        sum(revenue * is_retained) as ya,
        sum({{ safe_ratio('monthly_baseline_revenue', 'answers') }}) as r_per_answer
    from {{ ref('int_index_panel') }}
    group by cell_number, k

),

strata as (

    select distinct
        stratum_number,
        cell_number,
        band
    from {{ ref('int_point_strata') }}
    where adjustment in ('adjusted', 'without_top_ten', 'within_customer')

),

by_cells as (

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
        wider.stratum_number,
        adjusted.stratum_number as part_number
    from {{ ref('int_point_strata') }} as wider
    inner join {{ ref('int_point_strata') }} as adjusted
        on
            wider.segment_dimension = adjusted.segment_dimension
            and wider.segment_value = adjusted.segment_value
            and wider.cell_number = adjusted.cell_number
            and wider.adjustment not in ('adjusted', 'without_top_ten', 'within_customer')
            and adjusted.adjustment = 'adjusted'

)

select
    stratum_number,
    band,
    k,
    {{ sums | join(',\n    ') }}
from by_cells

union all

select
    segments.stratum_number,
    by_cells.band,
    by_cells.k,
    {% for name in sums -%}
    sum(by_cells.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from by_cells
inner join segments
    on by_cells.stratum_number = segments.part_number
group by segments.stratum_number, by_cells.band, by_cells.k
