{# The sums of each cell and month from which every slope is made: r = baseline revenue,
   x = contribution, y = revenue of month k, a = still there at its start. #}
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
