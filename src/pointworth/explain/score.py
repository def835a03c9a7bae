"""What a score is made of: each answer that counts in a segment and a period."""

from pointworth.explain.evidence import PSEUDONYM
from pointworth.explain.pack import Part

README = """\
# How a score is worked out

- `figure.csv`: the published row.
- `answers.csv`: every answer that counts: one per respondent and period (after contacts, one per
  contact), the latest. Customers and answers stand under pseudonyms.
- `categories.csv`: how many of each.

By hand, with n answers, P promoters and D detractors:

    score     100 (P - D) / n
    interval  n' = n + 3, P' = P + 3/4, D' = D + 3/4, m = (P' - D') / n'
              se = root((P' + D') / n' - m m) / root(n')
              bounds 100 (m - 1.959964 se) and 100 (m + 1.959964 se)

When several answers are one customer's, the wider error of the two counts: with c the sum of
(contribution - score) over a customer's answers, root(G / (G - 1) * sum(c c)) / n over G customers
(`is_clustered` says whether that is the published one).
"""
_OF = """
    period_grain = $grain and survey_kind = $kind and score_scale = $scale
    and ($start is null or period_start = cast($start as date))
"""
_ANSWERS = f"""
    select counted.*
    from intermediate.int_nps_counted_answers as counted
    where {_OF} and (
        $dimension = 'all'
        or exists (
            select 1 from intermediate.int_answer_segments as segments
            where segments.cell = counted.cell
                and segments.segment_dimension = $dimension
                and segments.segment_value = $value
        )
    )
"""
PARTS = (
    Part(
        "figure",
        f"""
        select * from marts.nps_by_segment
        where {_OF} and segment_dimension = $dimension and segment_value = $value
        """,
    ),
    Part(
        "categories",
        f"""
        select category, any_value(contribution) as contribution, count(*) as answers,
            count(distinct cluster_id) as customers
        from ({_ANSWERS}) as answers
        group by category order by contribution
        """,
        "The answers that count",
    ),
    Part(
        "answers",
        f"""
        select
            {PSEUDONYM.format("answers.response_id")} as answer,
            {PSEUDONYM.format("answers.cluster_id")} as customer,
            category, contribution, revenue_weight
        from ({_ANSWERS}) as answers
        order by answer
        """,
    ),
)
