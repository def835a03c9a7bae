"""What people read of an answer: few columns, an interval as one, a period and a segment as one."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pointworth.asking.answer import Answer
from pointworth.asking.formats import EMPTY, cell_text
from pointworth.asking.layout import Column

MOST_COLUMNS = 8
_STANDS_FOR = {
    "period": ("period_grain", "period_start"),
    "segment": ("segment_dimension", "segment_value"),
}
_ENTRY = re.compile(r"(?P<name>\w+)(?: to (?P<upper>\w+))?(?: \((?P<unit>\w+)\))?")


@dataclass(frozen=True)
class Entry:
    """One column that people read, and the columns it is made of."""

    name: str
    columns: tuple[str, ...]
    unit: str | None = None

    @property
    def is_interval(self) -> bool:
        """Whether it is made of two bounds."""
        return self.name not in _STANDS_FOR and len(self.columns) > 1


def read_entries(text: str) -> list[Entry]:
    """The entries of a list such as `segment, nps, lower to upper, risk (share)`."""
    entries = []
    for part in text.split(","):
        found = _ENTRY.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"no column to read: {part}")
        name, upper = found["name"], found["upper"]
        columns = _STANDS_FOR.get(name, (name, upper) if upper else (name,))
        entries.append(Entry(name, columns, found["unit"]))
    return entries


def as_read(answer: Answer, entries: Iterable[Entry]) -> list[Column]:
    """The columns people read, with the currency in the name of what is money."""
    at = {name: position for position, name in enumerate(answer.names)}
    currency = _only_value(answer, at, "currency")
    columns = []
    for entry in entries:
        cells = [[row[at[name]] for name in entry.columns] for row in answer.rows]
        unit = entry.unit or answer.units.get(entry.columns[0])
        if entry.name == "period":
            columns.append(Column("period", [period_text(*pair) for pair in cells]))
        elif entry.name == "segment":
            columns += _segment(cells)
        elif entry.is_interval:
            name = f"{entry.name.removesuffix('lower').rstrip('_')} 95 %".strip()
            written = [interval_text(lower, upper, unit) for lower, upper in cells]
            columns.append(Column(name, written, is_number=True))
        else:
            part = Answer([entry.name], cells, {entry.name: unit} if unit else {})
            name = f"{entry.name} {currency}" if unit == "money" and currency else entry.name
            (column,) = part.written()
            columns.append(Column(name, column.cells, column.is_number))
    return columns


def period_text(grain: str, start: datetime.date | None) -> str:
    """A period as people say it: 2018, 2018 Q4, Oct 2018, all time."""
    if grain == "all_time":
        return "all time"
    if start is None:
        return EMPTY
    if grain == "year":
        return f"{start:%Y}"
    return f"{start:%Y} Q{(start.month + 2) // 3}" if grain == "quarter" else f"{start:%b %Y}"


def interval_text(lower: Any, upper: Any, unit: str | None) -> str:
    """Two bounds, their sign of the unit once."""
    if lower is None or upper is None:
        return EMPTY
    low, high = cell_text(lower, unit), cell_text(upper, unit)
    for sign in (" %", " ×", " m"):
        if low.endswith(sign) and high.endswith(sign):
            low = low.removesuffix(sign)
    return f"{low} to {high}"


def _segment(cells: Sequence[Sequence[Any]]) -> list[Column]:
    """The values of one dimension under its name; nothing where all rows are of `all`."""
    dimensions = {dimension for dimension, _ in cells}
    if dimensions == {"all"}:
        return []
    if len(dimensions) == 1:
        return [Column(str(*dimensions), [cell_text(value) for _, value in cells])]
    texts = ["all" if dimension == "all" else f"{dimension}: {value}" for dimension, value in cells]
    return [Column("segment", [cell_text(text) for text in texts])]


def _only_value(answer: Answer, at: Mapping[str, int], name: str) -> str | None:
    if name not in at:
        return None
    values = {row[at[name]] for row in answer.rows}
    return str(values.pop()) if len(values) == 1 else None
