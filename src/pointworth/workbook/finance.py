"""Writes the finance workbook from the published marts: all of it, or nothing."""

from pathlib import Path

import duckdb
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from pointworth.asking.query import published
from pointworth.errors import in_use, usage_error
from pointworth.output_file import refuse_the_warehouse, replacing
from pointworth.workbook.checks import write_checks
from pointworth.workbook.columns import COHORTS, FACTS, MOVEMENTS, RECONCILIATION, RESTATEMENTS
from pointworth.workbook.marts import mart_sheet, rows_of
from pointworth.workbook.relations import relations
from pointworth.workbook.scenarios import value_sheets
from pointworth.workbook.sheet import Formats, Sheet, Table

_NEEDED = ("revenue_per_point", "revenue_movements", "revenue_reconciliation", "run_info")


def write_workbook(home: Path, out: Path) -> int:
    """Write the workbook and return the number of checks that fail.

    It appears whole or not at all; one that is open in a spreadsheet program is not replaced.
    """
    _require_writable(home, out)
    with published(home) as marts, replacing(out) as draft:
        _require_marts(marts)
        book = xlsxwriter.Workbook(
            str(draft), {"strings_to_formulas": False, "strings_to_urls": False}
        )
        failed = _fill(book, marts)
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error
    return failed


def _fill(book: xlsxwriter.Workbook, marts: duckdb.DuckDBPyConnection) -> int:
    facts = rows_of(marts, "select * from run_info order by fact_kind, fact")
    (currency,) = marts.execute("select any_value(currency) from revenue_per_point").fetchall()[0]
    formats = Formats(book, currency or "")
    cover = Sheet(
        book, formats, "Cover", "What one point of NPS is worth",
        "Figures as published; every total is a formula, and what is derived is worked out again "
        "on the sheet. The value of a point is estimated from customers alike in all but their "
        "answer: it says what came with a point, not that any measure buys it.",
    )  # fmt: skip
    value, months, scenarios = value_sheets(book, formats, marts)
    movements = mart_sheet(
        book, formats, marts, "Movements", "Recurring revenue from month to month",
        "Opening, new, expansion, contraction, churn and reactivation come to the closing of the "
        "month. Retention is of the month's opening; filter a segment.",
        MOVEMENTS,
        "select * from revenue_movements "
        "order by segment_dimension <> 'all', segment_dimension, segment_value, month", 3,
    )  # fmt: skip
    reconciliation = mart_sheet(
        book, formats, marts, "Reconciliation", "From the invoice lines to the ledger",
        "Amounts in the currency they were invoiced in, but for the last columns. What was read, "
        "less what was rejected, is accepted; less tax and bad debt, moved to its months of "
        "service, it is recognised.",
        RECONCILIATION, "select * from revenue_reconciliation order by month, currency", 2,
    )  # fmt: skip
    restatements = mart_sheet(
        book, formats, marts, "Restatements", "What changed since it was first reported",
        "A month as first reported (or as closed) and as it is now, with the difference by its "
        "cause. Empty when no figure has changed.",
        RESTATEMENTS, "select * from revenue_restatements order by month, invoice_currency", 2,
    )  # fmt: skip
    cohorts = mart_sheet(
        book, formats, marts, "Cohorts", "What customers of one month still bring",
        "By month of acquisition: customers still there, and their revenue of the first month "
        "beside what they bring now; gross counts no growth.",
        COHORTS,
        "select * from churn_cohorts where cohort_kind = 'acquisition_month' "
        "order by cohort, months_since", 2,
    )  # fmt: skip
    checks = Sheet(
        book, formats, "Checks", "What must hold between these sheets",
        "Each line is a formula; a difference above what is allowed shows NO.",
    )  # fmt: skip
    wanted = relations(value, months, movements, reconciliation, restatements, cohorts)
    failing = write_checks(checks, wanted, marts)
    failed = sum(
        float(marts.execute(check.query).fetchall()[0][0] or 0) > check.tolerance
        for check in wanted
    )
    cover.line("Checks that fail", failed, "count", f"={failing}")
    _headline(cover, value)
    cover.next += 1
    cover.table(FACTS, facts)
    cover.widen(0, 26)
    scenarios.widen(0, 34)
    cover.sheet.activate()
    return failed


def _headline(cover: Sheet, value: Table) -> None:
    for at, row in enumerate(value.rows):
        if row["segment_dimension"] == "all" and row["base"] == "active_customers":
            for name in ("revenue_per_point", "lower", "upper", "monthly_baseline_revenue"):
                label = {"revenue_per_point": "One point"}.get(name, name.replace("_", " "))
                cover.line(label.capitalize(), row[name], "money", f"={value.cell(at, name)}")


def _require_marts(marts: duckdb.DuckDBPyConnection) -> None:
    there = {name for (name,) in marts.execute("select table_name from duckdb_tables()").fetchall()}
    if lost := [name for name in _NEEDED if name not in there]:
        raise usage_error(f"The published file has no {lost[0]}: build again with this version.")


def _require_writable(home: Path, out: Path) -> None:
    refuse_the_warehouse(home, out)
    if out.suffix.lower() != ".xlsx":
        raise usage_error(f"--out {out}: give a file that ends in .xlsx.")
    for lock in (f".~lock.{out.name}#", f"~${out.name}"):
        if out.with_name(lock).exists():
            raise in_use(
                f"{out} is open in a spreadsheet program: close it there, or name another."
            )
