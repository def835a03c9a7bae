"""Questions to the published marts."""

import csv
import datetime
import decimal
import json
import math
import sys
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from pointworth.database import connected
from pointworth.errors import PointworthError, exhausted, from_os_error, one_line, usage_error
from pointworth.report import result_table
from pointworth.warehouse import Warehouse

ROWS_SHOWN = 200


def read_query(file: Path) -> str:
    """The text of a file with one query."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise usage_error(
            f"The query file {file} cannot be read: {one_line(str(error))}."
        ) from error


def print_result(home: Path, sql: str, form: str, console: Console) -> None:
    """Run `sql` on the published file, opened read-only; print table, csv or json."""
    file = Warehouse(home).require_published()
    try:
        with connected(file, read_only=True) as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            if form == "table":
                rows = cursor.fetchmany(ROWS_SHOWN + 1)
                console.print(result_table(names, rows[:ROWS_SHOWN]))
                if len(rows) > ROWS_SHOWN:
                    console.print(
                        f"The first {ROWS_SHOWN} rows; --format csv prints them all.",
                        highlight=False,
                    )
            elif form == "csv":
                _print_csv(cursor, names)
            else:
                records = [
                    dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()
                ]
                sys.stdout.write(json.dumps(records, indent=2, ensure_ascii=False) + "\n")
    except duckdb.IOException as error:
        raise PointworthError(f"{file} could not be read: {one_line(str(error))}") from error
    except duckdb.Error as error:
        raise exhausted(str(error), file.parent) or usage_error(
            f"The query could not be answered: {one_line(str(error)).rstrip('.')}."
        ) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise from_os_error(error, file) from error


def _print_csv(cursor: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    while rows := cursor.fetchmany(10_000):
        writer.writerows(rows)


def _plain(value: Any) -> Any:
    """A value as JSON knows it: no number that is none, dates in ISO 8601."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime.date | datetime.datetime | datetime.time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, str | int | bool) else str(value)
