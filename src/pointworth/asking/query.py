"""Questions to the published marts, and the forms in which an answer is given."""

import csv
import datetime
import decimal
import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import duckdb
from rich.console import Console

from pointworth.asking.answer import Answer, units_read
from pointworth.asking.forms import Form, Format
from pointworth.asking.layout import fits, markdown, print_records, print_table, say
from pointworth.database import connected
from pointworth.errors import PointworthError, exhausted, from_os_error, one_line, usage_error
from pointworth.output_file import refuse_the_warehouse, replacing
from pointworth.warehouse import Warehouse

ROWS_SHOWN = 200
RECORDS_SHOWN = 20
_BATCH = 10_000


def read_query(file: Path) -> str:
    """The text of a file with one query."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise usage_error(
            f"The query file {file} cannot be read: {one_line(str(error))}."
        ) from error


def print_result(home: Path, sql: str, form: Form, console: Console) -> None:
    """Run `sql` on the published file, opened read-only; print or write what it gives."""
    with published(home) as connection:
        units = {} if form.raw else units_read(connection, sql)
        cursor = connection.execute(sql)
        if cursor is None or cursor.description is None:  # only a comment, or nothing
            raise usage_error("The query could not be answered: there is no query in it.")
        give(home, cursor, form, console, units)


def give(
    home: Path,
    cursor: duckdb.DuckDBPyConnection,
    form: Form,
    console: Console,
    units: dict[str, str],
) -> None:
    """Give what a cursor holds in the form that is wanted."""
    if form.out is None:
        _give(cursor, form, console, sys.stdout, units)
        return
    refuse_the_warehouse(home, form.out)
    with replacing(form.out) as draft:
        if form.chosen is Format.parquet:
            _write_parquet(cursor, draft)
        else:
            with draft.open("w", encoding="utf-8", newline="") as file:
                _give(cursor, form, Console(file=file, width=console.width), file, units)
    console.print(f"Wrote {form.out}.", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def published(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the published file; what goes wrong with a query is one sentence."""
    file = Warehouse(home).require_published()
    try:
        with connected(file, read_only=True) as connection:
            yield connection
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


def _give(
    cursor: duckdb.DuckDBPyConnection,
    form: Form,
    console: Console,
    stream: TextIO,
    units: dict[str, str],
) -> None:
    names = [column[0] for column in cursor.description or ()]
    if form.chosen is Format.csv:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        while rows := cursor.fetchmany(_BATCH):
            writer.writerows(rows)
    elif form.chosen is Format.json:
        _write_json(cursor, names, stream)
    elif form.chosen is Format.markdown:
        stream.write(markdown(Answer(names, cursor.fetchall(), units).written(raw=form.raw)))
    else:
        limit = ROWS_SHOWN if form.out is None else sys.maxsize
        rows = cursor.fetchmany(limit + 1) if form.out is None else cursor.fetchall()
        _print(Answer(names, rows[:limit], units), form, console, has_more=len(rows) > limit)


def _print(answer: Answer, form: Form, console: Console, *, has_more: bool) -> None:
    """A table where it fits, records where it does not, unless one of them is asked for."""
    if not answer.rows:
        say(console, f"No row. The columns are {', '.join(answer.names)}.")
        return
    columns = answer.written(raw=form.raw)
    if form.chosen is Format.table or (form.chosen is None and fits(columns, console.width)):
        print_table(console, columns)
        shown = len(answer.rows)
    else:
        shown = len(answer.rows) if form.chosen else min(len(answer.rows), RECORDS_SHOWN)
        has_more = has_more or shown < len(answer.rows)
        part = Answer(answer.names, answer.rows[:shown], answer.units)
        print_records(console, part.written(raw=form.raw))
    if has_more:
        say(console, f"The first {shown} rows; --format csv prints them all.")


def _write_json(cursor: duckdb.DuckDBPyConnection, names: list[str], stream: TextIO) -> None:
    records = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    stream.write(json.dumps(records, indent=2, ensure_ascii=False) + "\n")


def _write_parquet(cursor: duckdb.DuckDBPyConnection, file: Path) -> None:
    import pyarrow.parquet

    reader = cursor.to_arrow_reader(_BATCH * 10)
    with pyarrow.parquet.ParquetWriter(file, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


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
