"""A sheet with tables of mart rows, whose derived columns are formulas.

A formula's stored value is the mart's figure, so that a program that does not calculate shows it
too, and one that does finds the same. Text is always written as text: what a customer wrote never
becomes a formula or a link.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

Row = Mapping[str, Any]

_NUMBERS = {
    "amount": "#,##0.00;[Red]-#,##0.00",
    "count": "#,##0",
    "ratio": "0.0%",
    "number": "0.000",
    "slope": "0.000000",
    "date": "yyyy-mm-dd",
    "month": "yyyy-mm",
}
_A4, _A3 = 9, 8
_WIDE = 12
_WIDTHS = {"text": 20, "long": 68, "money": 19, "amount": 16, "date": 12, "month": 10, "truth": 10}


@dataclass(frozen=True)
class Column:
    """A column of a mart: its name, what it is, and the formula over others of its row, if derived.

    In a formula `{name}` is the cell of that column in the same row.
    """

    name: str
    kind: str
    formula: str | None = None
    title: str | None = None

    @property
    def heading(self) -> str:
        """What stands above it."""
        return self.title or self.name.replace("_", " ")


class Formats:
    """The formats of a workbook, made once each."""

    def __init__(self, book: Workbook, currency: str) -> None:
        self.money = f'#,##0.00 "{currency}";[Red]-#,##0.00 "{currency}"'
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#555555"})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"}
        )
        self.bold = book.add_format({"bold": True})
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}

    def of(self, kind: str, *, is_input: bool = False) -> Any:
        """The format of a kind of value; an input is coloured."""
        if (kind, is_input) not in self._made:
            number = self.money if kind == "money" else _NUMBERS.get(kind)
            options: dict[str, str | int] = {"num_format": number} if number else {}
            if is_input:
                options |= {"bg_color": "#FFF6D6", "border": 1}
            self._made[kind, is_input] = self._book.add_format(options)
        return self._made[kind, is_input]


@dataclass
class Table:
    """Where a table stands."""

    sheet: str
    columns: Sequence[Column]
    first: int
    rows: Sequence[Row]
    places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {column.name: at for at, column in enumerate(self.columns)}

    def range(self, name: str, skip_first: int = 0, skip_last: int = 0) -> str:
        """All cells of a column, less some rows at either end."""
        column = xl_col_to_name(self.places[name])
        top = self.first + 1 + skip_first
        bottom = self.first + len(self.rows) - skip_last
        return f"{self.sheet}!${column}${top}:${column}${bottom}"

    def cell(self, row: int, name: str) -> str:
        """One cell."""
        place = xl_rowcol_to_cell(self.first + row, self.places[name], row_abs=True, col_abs=True)
        return f"{self.sheet}!{place}"


class Sheet:
    """One sheet: a title, a note, and tables one below the other."""

    def __init__(self, book: Workbook, formats: Formats, name: str, title: str, note: str) -> None:
        self.name, self.formats = name, formats
        self.sheet: Worksheet = book.add_worksheet(name)
        self.sheet.write_string(0, 0, title, formats.title)
        self.sheet.merge_range(1, 0, 1, 7, note, formats.note)
        self.sheet.set_row(1, 62)
        self.sheet.set_landscape()
        self.sheet.set_paper(_A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        self.next = 3
        self._widest = 7
        self._last = 0
        self._widths: dict[int, int] = {}

    def table(self, columns: Sequence[Column], rows: Sequence[Row], *, freeze: int = 0) -> Table:
        """Write rows below what stands there; with `freeze`, so many columns stay in sight."""
        for at, column in enumerate(columns):
            self.sheet.write_string(self.next, at, column.heading, self.formats.head)
            self.widen(at, _WIDTHS.get(column.kind, 12))
        self.sheet.set_row(self.next, 34)
        if freeze:
            self.sheet.freeze_panes(self.next + 1, freeze)
            self.sheet.repeat_rows(self.next)
            if rows:
                self.sheet.autofilter(self.next, 0, self.next + len(rows), len(columns) - 1)
        table = Table(self.name, columns, self.next + 1, rows)
        for at, row in enumerate(rows):
            self._row(table, at, row)
        self.next += len(rows) + 3
        self._widest = max(self._widest, len(columns) - 1)
        if self._widest > _WIDE:
            self.sheet.set_paper(_A3)
        self._cover()
        return table

    def line(self, label: str, value: Any, kind: str, formula: str | None = None) -> str:
        """A label and a value beside it; returns the value's cell."""
        at = self.next
        self.sheet.write_string(at, 0, label, self.formats.bold)
        self._write(at, 1, value, kind, formula)
        self.widen(1, _WIDTHS.get(kind, 12))
        self.next += 1
        self._cover()
        return f"{self.name}!$B${at + 1}"

    def input(self, label: str, value: float, kind: str, rule: Mapping[str, Any]) -> str:
        """A number that the reader may change, within a rule; returns its cell."""
        at = self.next
        self.sheet.write_string(at, 0, label, self.formats.bold)
        self.sheet.write_number(at, 1, value, self.formats.of(kind, is_input=True))
        self.sheet.data_validation(at, 1, at, 1, dict(rule))
        self.next += 1
        return f"{self.name}!$B${at + 1}"

    def widen(self, column: int, width: int) -> None:
        """Make a column at least so wide."""
        self._widths[column] = max(width, self._widths.get(column, 0))
        self.sheet.set_column(column, column, self._widths[column])

    def _cover(self) -> None:
        """Print all that stands there."""
        self._last = max(self._last, self.next)
        self.sheet.print_area(0, 0, self._last, self._widest)

    def _row(self, table: Table, at: int, row: Row) -> None:
        for place, column in enumerate(table.columns):
            formula = None
            if column.formula is not None:
                used = [name for _, name, _, _ in Formatter().parse(column.formula) if name]
                cells = {
                    name: xl_rowcol_to_cell(table.first + at, table.places[name]) for name in used
                }
                formula = column.formula.format(**cells)
            self._write(table.first + at, place, row[column.name], column.kind, formula)

    def _write(self, row: int, column: int, value: Any, kind: str, formula: str | None) -> None:
        shown = self.formats.of(kind)
        if value is None:
            self.sheet.write_blank(row, column, None, shown)
        elif formula is not None:
            stored = value if isinstance(value, str) else float(value)
            self.sheet.write_formula(row, column, formula, shown, stored)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, shown)
        elif isinstance(value, datetime.date):
            self.sheet.write_datetime(row, column, value, shown)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, shown)
        else:
            self.sheet.write_number(row, column, float(value), shown)
