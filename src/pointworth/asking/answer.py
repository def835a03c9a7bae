"""What a query on the published file gives: names, rows, and the units of what it read."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

from pointworth.asking.formats import cell_text, raw_text
from pointworth.asking.layout import Column

MEASURES = "dim_measures"


@dataclass(frozen=True)
class Answer:
    """Rows with the names of their columns, and the unit of each column whose unit is known."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]
    units: dict[str, str] = field(default_factory=dict)

    def written(self, *, raw: bool = False) -> list[Column]:
        """The columns as people read them, or as they are."""
        return [self._written(at, name, raw) for at, name in enumerate(self.names)]

    def _written(self, at: int, name: str, raw: bool) -> Column:
        values = [row[at] for row in self.rows]
        unit = self.units.get(name)
        cells = [raw_text(value) if raw else cell_text(value, unit) for value in values]
        return Column(name, cells, any(_is_number(value) for value in values))


def units_read(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, str]:
    """The unit of each column of the marts that a query reads, where they agree on it.

    A file of an earlier version knows no units: its numbers are written by their type.
    """
    with suppress(duckdb.Error):
        tables = connection.get_table_names(sql)
        found = connection.execute(
            f"select column_name, min(unit) from {MEASURES} where unit is not null "
            "and mart in (select unnest(?)) "
            "group by column_name having min(unit) = max(unit)",
            [sorted(name.split(".")[-1] for name in tables)],
        ).fetchall()
        return {str(name): str(unit) for name, unit in found}
    return {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
