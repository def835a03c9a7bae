"""Reads what the page shows from a file of published marts."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

Row = dict[str, Any]


class Marts:
    """A file of marts, read only."""

    def __init__(self, file: Path) -> None:
        self._connection = duckdb.connect(str(file), read_only=True)
        columns = self._connection.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        ).fetchall()
        self.columns: dict[str, set[str]] = {}
        for table, column in columns:
            self.columns.setdefault(str(table), set()).add(str(column))

    def __enter__(self) -> "Marts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def has(self, needs: Mapping[str, Iterable[str]]) -> bool:
        """Whether every named mart is there with every named column."""
        return all(set(columns) <= self.columns.get(mart, set()) for mart, columns in needs.items())

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """A query's rows by column name."""
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cards(self) -> dict[str, str]:
        """The metric card of each mart, as it stands in the published file."""
        found = self._connection.execute(
            "select table_name, comment from duckdb_tables() where comment is not null"
        ).fetchall()
        return {str(name): str(comment) for name, comment in found}
