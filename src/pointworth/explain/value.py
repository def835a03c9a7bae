"""What the value of a point is made of: months, strata, and each customer's months."""

from pointworth.explain.evidence import PSEUDONYM
from pointworth.explain.pack import Part

README = """\
# How one point's value is worked out

Files of this folder, and what stands in them:

- `figure.csv`: the published row.
- `months.csv`: for each month k after the answer its slope b, and how often it counts in the sum.
- `strata.csv`: customers who are compared with each other, and their sums in each month.
- `panel.csv`: a row per customer (under a pseudonym) and month: contribution x (the mean over all
  respondents of the customer in that month), baseline revenue a month r, revenue y, and whether it
  was still there at the month's start, a. Month 0 is the placebo: the growth of r over the year
  before the answer.

By hand, within each stratum and month, with means weighted by r:

    x~ = x - sum(r x) / sum(r)
    slope of a month      b = sum(x~ y) / sum(r x~ x~)            over all strata
    slope of staying      d = sum(x~ r a) / sum(r x~ x~)
    revenue of who stays  m = sum(y a) / sum(r a)
    the whole             B = sum over months of weight * b
    because fewer leave   C = sum over months of weight * d * m
    one point             B * monthly_baseline_revenue; the rest, B - C, is what who stays spends

Its interval: a customer moves the whole by the sum over its months of

    weight * x~ (y - r (Y / R) - b r x~) / (S (1 - h)),  S = sum(r x~ x~),  h = r / R + r x~ x~ / S

where R and Y are the stratum's sums of r and y in the month. The standard error is the root of the
sum of squares over customers, times monthly_baseline_revenue; the interval is 1.959964 of it.
"""
_OF = "segment_dimension = $dimension and segment_value = $value and adjustment = 'adjusted'"
_STRATA = f"""
    select distinct stratum, stratum_number, cell_number
    from intermediate.int_point_strata where {_OF}
"""
PARTS = (
    Part(
        "figure",
        f"""
        select * from marts.revenue_per_point
        where {_OF} and base = 'active_customers'
        """,
    ),
    Part(
        "months",
        f"""
        select
            k, customers, slope, retention_slope, revenue_of_retained, weight, discounted_weight,
            weight * slope as counted, is_in_horizon
        from intermediate.int_point_slopes
        where {_OF} and ($month is null or k = $month)
        order by k
        """,
        "The months, and how often each counts",
        "select k, customers, slope, weight, counted from part where k > 0",
    ),
    Part(
        "strata",
        f"""
        select
            strata.stratum, panel.k, count(*) as customers,
            sum(panel.monthly_baseline_revenue) as baseline,
            sum(panel.monthly_baseline_revenue * panel.contribution) as baseline_by_contribution,
            sum(panel.monthly_baseline_revenue * panel.contribution * panel.contribution)
                as baseline_by_contribution_squared,
            sum(panel.revenue) as revenue,
            sum(panel.revenue * panel.contribution) as revenue_by_contribution,
            sum(panel.monthly_baseline_revenue * panel.is_retained) as retained_baseline
        from ({_STRATA}) as strata
        join intermediate.int_index_panel as panel using (cell_number)
        where $month is null or panel.k = $month
        group by strata.stratum, panel.k
        order by strata.stratum, panel.k
        """,
        "The strata in the first of these months",
        """
        select stratum, k, customers, baseline, revenue from part
        where k = (select min(k) from part where k > 0)
        """,
    ),
    Part(
        "panel",
        f"""
        select
            {PSEUDONYM.format("panel.index_number")} as customer,
            strata.stratum, panel.k,
            panel.contribution, panel.answers, panel.monthly_baseline_revenue, panel.revenue,
            panel.is_retained
        from ({_STRATA}) as strata
        join intermediate.int_index_panel as panel using (cell_number)
        where $month is null or panel.k = $month
        order by customer, panel.k
        """,
    ),
)
