{# The sums of a stratum's cells. The strata of a segment that are wider than its adjusted ones are
   sums of these. #}
{% set sums = ['n', 'r', 'rx', 'rxx', 'y', 'xy', 'ra', 'rxa', 'ya', 'r_per_answer'] %}
with

strata as (

    select distinct
        stratum_number,
        cell_number
    from {{ ref('int_point_strata') }}
    where adjustment in ('adjusted', 'without_top_ten', 'within_customer')

),

by_cells as (

    select
        strata.stratum_number,
        cell_sums.k,
        {% for name in sums -%}
        sum(cell_sums.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_point_cell_sums') }} as cell_sums
    inner join strata
        on cell_sums.cell_number = strata.cell_number
    group by strata.stratum_number, cell_sums.k

),

wider_strata as (

    select distinct
        wider.stratum_number,
        adjusted.stratum_number as part_number
    from {{ ref('int_point_strata') }} as wider
    inner join {{ ref('int_point_strata') }} as adjusted
        on
            wider.segment_dimension = adjusted.segment_dimension
            and wider.segment_value = adjusted.segment_value
            and wider.cell_number = adjusted.cell_number
            and adjusted.adjustment = 'adjusted'
    left join strata
        on wider.stratum_number = strata.stratum_number
    where strata.stratum_number is null

)

select
    stratum_number,
    k,
    {{ sums | join(',\n    ') }}
from by_cells

union all

select
    wider_strata.stratum_number,
    by_cells.k,
    {% for name in sums -%}
    sum(by_cells.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from by_cells
inner join wider_strata
    on by_cells.stratum_number = wider_strata.part_number
group by wider_strata.stratum_number, by_cells.k
