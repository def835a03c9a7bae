"""The value of a point, and what more points would be worth with inputs that the reader changes."""

import duckdb
import xlsxwriter

from pointworth.workbook.columns import MONTHS, SCENARIOS, VALUE
from pointworth.workbook.marts import mart_sheet, rows_of
from pointworth.workbook.sheet import Formats, Row, Sheet, Table


def value_sheets(
    book: xlsxwriter.Workbook, formats: Formats, marts: duckdb.DuckDBPyConnection
) -> tuple[Table, Table, Sheet]:
    value = mart_sheet(
        book, formats, marts, "Value", "The value of one point, its parts and its doubt",
        "Adjusted: made alike within strata. The parts come to the whole to the cent. Segments are "
        "estimated apart; what their sum differs by stands in the last columns.",
        VALUE,
        "select * from revenue_per_point where adjustment = 'adjusted' "
        "order by base, segment_dimension <> 'all', segment_dimension, segment_value", 2,
    )  # fmt: skip
    sheet = Sheet(
        book, formats, "Scenarios", "What more points would be worth",
        "Change the coloured cells. The value of a point is the sum of the months below times the "
        "monthly revenue of all active customers. Away from the published horizon and rate the "
        "interval is the published one in proportion.",
    )  # fmt: skip
    rows = rows_of(
        marts,
        "select * from revenue_per_point_by_month where segment_dimension = 'all' order by k",
    )
    whole = next(
        (
            (at, row)
            for at, row in enumerate(value.rows)
            if row["segment_dimension"] == "all" and row["base"] == "active_customers"
        ),
        None,
    )
    horizon = max((int(row["k"]) for row in rows), default=1)
    inputs = sheet.next
    sheet.next += 8 if whole else 0
    published_scenarios = rows_of(
        marts,
        "select scenarios.*, point.revenue_per_point from revenue_scenarios as scenarios "
        "join revenue_per_point as point using (segment_dimension, segment_value) "
        "where segment_dimension = 'all' and point.adjustment = 'adjusted' "
        "and point.base = 'active_customers' order by points",
    )
    sheet.table(SCENARIOS, published_scenarios)
    months = sheet.table(MONTHS, rows)
    if whole:
        sheet.next, below = inputs, sheet.next
        _live(sheet, value, months, whole, horizon)
        sheet.next = below
    return value, months, sheet


def _live(sheet: Sheet, value: Table, months: Table, whole: tuple[int, Row], horizon: int) -> None:
    at, row = whole
    total = row["revenue_per_point"]
    points = sheet.input(
        "Points", 1, "number",
        {"validate": "decimal", "criteria": "between", "minimum": -200, "maximum": 200},
    )  # fmt: skip
    reach = sheet.input(
        "Months", horizon, "count",
        {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": horizon},
    )  # fmt: skip
    rate = sheet.input(
        "Discount rate a year", 0, "ratio",
        {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1},
    )  # fmt: skip
    if total is None:
        return
    summed = (
        f"SUMPRODUCT(({months.range('k')}<={reach})*{months.range('slope')}"
        f"/(1+{rate})^({months.range('k')}/12))"
    )
    cell = sheet.line(
        "Worth", total, "money",
        f"=ROUND({points}*{summed}*{value.cell(at, 'monthly_baseline_revenue')},2)",
    )  # fmt: skip
    for name in ("lower", "upper"):
        whole_cell = value.cell(at, "revenue_per_point")
        sheet.line(
            f"{name.capitalize()} end of its 95 % interval", row[name], "money",
            f"=IF({whole_cell}=0,0,ROUND({cell}*{value.cell(at, name)}/{whole_cell},2))",
        )  # fmt: skip
