"""What holds between the sheets of the workbook."""

from pointworth.workbook.checks import Check
from pointworth.workbook.sheet import Table


def relations(
    value: Table,
    months: Table,
    movements: Table,
    reconciliation: Table,
    restatements: Table,
    cohorts: Table,
) -> list[Check]:
    checks = []
    whole = [
        at
        for at, row in enumerate(value.rows)
        if row["segment_dimension"] == "all" and row["base"] == "active_customers"
        and row["revenue_per_point"] is not None
    ]  # fmt: skip
    if whole and months.rows:
        base = value.cell(whole[0], "monthly_baseline_revenue")
        rate = value.cell(whole[0], "discount_rate")
        of_all = (
            "from revenue_per_point_by_month as m join revenue_per_point as p "
            "using (segment_dimension, segment_value) where segment_dimension = 'all' "
            "and p.adjustment = 'adjusted' and p.base = 'active_customers'"
        )
        checks += [
            Check(
                "The months of the value of a point come to its total.",
                f"=ABS(SUM({months.range('slope')})*{base}"
                f"-{value.cell(whole[0], 'revenue_per_point')})",
                "select abs(sum(m.slope) * any_value(p.monthly_baseline_revenue) "
                f"- any_value(p.revenue_per_point)) {of_all}",
                0.02,
            ),
            Check(
                "Discounted month by month they come to the discounted total.",
                f"=ABS(SUMPRODUCT({months.range('slope')}/(1+{rate})"
                f"^({months.range('k')}/12))*{base}"
                f"-{value.cell(whole[0], 'discounted_revenue_per_point')})",
                "select abs(sum(m.slope / (1 + p.discount_rate) ** (m.k / 12.0)) "
                "* any_value(p.monthly_baseline_revenue) "
                f"- any_value(p.discounted_revenue_per_point)) {of_all}",
                0.02,
            ),
        ]
    if len(movements.rows) > 1:
        checks.append(
            Check(
                "A month opens with what the month before closed with.",
                f"=SUMPRODUCT(({movements.range('segment_value', 1)}"
                f"={movements.range('segment_value', 0, 1)})"
                f"*({movements.range('segment_dimension', 1)}"
                f"={movements.range('segment_dimension', 0, 1)})"
                f"*ABS({movements.range('opening', 1)}-{movements.range('closing', 0, 1)}))",
                "select coalesce(sum(abs(opening - before)), 0) from (select opening, "
                "lag(closing) over (partition by segment_dimension, segment_value order by month)"
                " as before from revenue_movements)",
            )
        )
    for table, name, what in (
        (
            reconciliation,
            "unexplained",
            "Nothing between invoice lines and revenue is unexplained.",
        ),
        (reconciliation, "ledger_unexplained", "The ledger agrees, but for what has a name."),
        (restatements, "unclassified", "Every restatement has a cause."),
    ):
        if table.rows:
            mart = {"Reconciliation": "revenue_reconciliation"}.get(
                table.sheet, "revenue_restatements"
            )
            checks.append(
                Check(
                    what,
                    f"=SUMPRODUCT(ABS({table.range(name)}))",
                    f"select coalesce(sum(abs({name})), 0) from {mart}",
                )
            )
    if cohorts.rows:
        checks.append(
            Check(
                "No cohort keeps more customers than it had.",
                f"=SUMPRODUCT(--({cohorts.range('retained')}>{cohorts.range('customers')}))",
                "select count(*) from churn_cohorts "
                "where cohort_kind = 'acquisition_month' and retained > customers",
            )
        )
    return checks
