"""What must hold between the sheets, as formulas with what the marts say."""

from dataclasses import dataclass

import duckdb

from pointworth.workbook.sheet import Column, Sheet


@dataclass(frozen=True)
class Check:
    """A difference that must be nothing: a formula over the sheets, and the query that says it."""

    what: str
    formula: str
    query: str
    tolerance: float = 0.005


COLUMNS = (
    Column("what", "long", title="what must hold"),
    Column("difference", "number", title="largest difference"),
    Column("tolerance", "number", title="allowed"),
    Column("holds", "text", title="holds"),
)


def write_checks(sheet: Sheet, checks: list[Check], marts: duckdb.DuckDBPyConnection) -> str:
    """Write every check; returns the formula that counts those that fail."""
    rows = []
    for check in checks:
        ((found,),) = marts.execute(check.query).fetchall()
        difference = float(found or 0)
        rows.append(
            {
                "what": check.what,
                "difference": difference,
                "tolerance": check.tolerance,
                "holds": "yes" if difference <= check.tolerance else "NO",
            }
        )
    first = sheet.next + 2
    formulas = [
        Column(column.name, column.kind, title=column.title, formula=None) for column in COLUMNS
    ]
    table = sheet.table(formulas, rows)
    for at, (check, row) in enumerate(zip(checks, rows, strict=True)):
        line = first + at
        sheet.sheet.write_formula(
            line - 1, 1, check.formula, sheet.formats.of("number"), row["difference"]
        )
        sheet.sheet.write_formula(
            line - 1, 3, f'=IF(B{line}<=C{line},"yes","NO")', sheet.formats.of("text"), row["holds"]
        )
    return f'COUNTIF({table.range("holds")},"NO")'
