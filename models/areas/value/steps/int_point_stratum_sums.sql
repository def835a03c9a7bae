{# The sums from which every slope is made: r = baseline revenue, x = contribution, y = revenue of
   month k, a = still there at its start. #}
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

)

select
    strata.segment_dimension,
    strata.segment_value,
    strata.adjustment,
    strata.stratum_number,
    strata.band,
    cell_sums.k,
    sum(cell_sums.n) as n,
    sum(cell_sums.r) as r,
    sum(cell_sums.rx) as rx,
    sum(cell_sums.rxx) as rxx,
    sum(cell_sums.y) as y,
    sum(cell_sums.xy) as xy,
    sum(cell_sums.ra) as ra,
    sum(cell_sums.rxa) as rxa,
    sum(cell_sums.ya) as ya
from cell_sums
inner join {{ ref('int_point_strata') }} as strata
    on cell_sums.cell_number = strata.cell_number
group by
    strata.segment_dimension,
    strata.segment_value,
    strata.adjustment,
    strata.stratum_number,
    strata.band,
    cell_sums.k
