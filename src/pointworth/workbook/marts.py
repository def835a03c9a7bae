"""A sheet of the rows of one query."""

from collections.abc import Sequence
from typing import Any

import duckdb
import xlsxwriter

from pointworth.workbook.sheet import Column, Formats, Sheet, Table


def mart_sheet(
    book: xlsxwriter.Workbook,
    formats: Formats,
    marts: duckdb.DuckDBPyConnection,
    name: str,
    title: str,
    note: str,
    columns: Sequence[Column],
    query: str,
    freeze: int,
) -> Table:
    sheet = Sheet(book, formats, name, title, note)
    return sheet.table(columns, rows_of(marts, query), freeze=freeze)


def rows_of(marts: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = marts.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
