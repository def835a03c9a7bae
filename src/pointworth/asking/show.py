"""The marts with their questions, and what people read of one."""

import re
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from pointworth.asking.answer import Answer
from pointworth.asking.forms import Form
from pointworth.asking.layout import Column, fits, print_records, print_table, say
from pointworth.asking.query import ROWS_SHOWN, give, published
from pointworth.asking.reading import as_read, read_entries
from pointworth.errors import usage_error

_CONDITION = re.compile(r"(\w+) = '([^']*)'")
_NAMED = 12
"""Of the values there are, so many are named."""
_DEFINITIONS = "dim_marts"


def list_marts(home: Path, form: Form, console: Console) -> None:
    """Every mart with its question and its rows."""
    with published(home) as connection:
        _require_definitions(connection, home)
        cursor = connection.execute(f"select mart, question from {_DEFINITIONS} order by mart")
        if form.is_for_programs:
            give(home, cursor, form, console, {})
            return
        rows = cursor.fetchall()
    columns = Answer(["mart", "question"], rows).written()
    (print_table if fits(columns, console.width) else print_records)(console, columns)
    say(console, "pointworth show MART shows what people read of one.")


def show_mart(
    home: Path, mart: str, segment: str | None, period: str | None, form: Form, console: Console
) -> None:
    """The columns people read of a mart, of the rows they mean or of those they ask for."""
    with published(home) as connection:
        definition = _definition(connection, home, mart.removeprefix("marts."))
        names = _columns(connection, definition["mart"])
        wanted = dict(_CONDITION.findall(definition["headline"] or ""))
        wanted |= segment_conditions(connection, definition["mart"], segment, names)
        wanted |= period_conditions(connection, definition["mart"], period, names)
        asked = {name for name in ("segment_dimension", "segment_value") if segment}
        asked |= {name for name in ("period_grain", "period_start") if period}
        kept = {
            name: value
            for name, value in wanted.items()
            if name in asked or _has(connection, definition["mart"], {name: value})
        }
        entries = read_entries(definition["reading"])
        order = definition["reading_order"] or ", ".join(
            name for entry in entries if not entry.is_interval for name in entry.columns
        )
        cursor = connection.execute(
            f"select * from {definition['mart']}{_where(kept)} order by {order}",
            list(kept.values()),
        )
        units = _units(connection.cursor(), definition["mart"])
        if form.is_for_programs:
            give(home, cursor, form, console, units)
            return
        rows = cursor.fetchmany(ROWS_SHOWN + 1)
    say(console, definition["question"])
    columns = as_read(Answer(names, rows[:ROWS_SHOWN], units), entries)
    _print(console, columns, has_rows=bool(rows))
    if len(rows) > ROWS_SHOWN:
        say(console, f"The first {ROWS_SHOWN} rows; --format csv gives them all.")
    if kept:
        fixed = ", ".join(f"{name} = {value}" for name, value in kept.items())
        say(console, f"Rows where {fixed}.")
    say(console, f'Every column: pointworth query "select * from {definition["mart"]}"')


def _print(console: Console, columns: list[Column], *, has_rows: bool) -> None:
    if not has_rows:
        say(console, "No row.")
    elif fits(columns, console.width):
        print_table(console, columns)
    else:
        print_records(console, columns)


def _require_definitions(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    if not _columns(connection, _DEFINITIONS):
        raise usage_error(
            f"What is published in {home} was built by an earlier version, which did not say what "
            "people read: build again, or ask with pointworth query."
        )


def _definition(connection: duckdb.DuckDBPyConnection, home: Path, mart: str) -> dict[str, Any]:
    _require_definitions(connection, home)
    cursor = connection.execute(f"select * from {_DEFINITIONS} where mart = ?", [mart])
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone()
    if row is None:
        marts = connection.execute(f"select mart from {_DEFINITIONS}").fetchall()
        close = _close(mart, [str(name) for (name,) in marts])
        raise usage_error(f"There is no mart {mart}: {close or 'pointworth show lists them.'}")
    return dict(zip(names, row, strict=True))


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    found = connection.execute(
        "select column_name from duckdb_columns() where table_name = ? order by column_index",
        [table],
    ).fetchall()
    return [str(name) for (name,) in found]


def _units(connection: duckdb.DuckDBPyConnection, mart: str) -> dict[str, str]:
    found = connection.execute(
        "select column_name, unit from dim_measures where mart = ? and unit is not null", [mart]
    ).fetchall()
    return {str(name): str(unit) for name, unit in found}


def segment_conditions(
    connection: duckdb.DuckDBPyConnection, mart: str, segment: str | None, names: list[str]
) -> dict[str, str]:
    """customer_type=sme as conditions; a dimension alone means each of its values."""
    if segment is None:
        return {}
    if "segment_dimension" not in names:
        raise usage_error(f"The mart {mart} is not cut by segments: leave --segment out.")
    dimension, has_value, value = (part.strip() for part in segment.partition("="))
    wanted = {"segment_dimension": dimension} | ({"segment_value": value} if has_value else {})
    if not _has(connection, mart, {"segment_dimension": dimension}):
        there = _values(connection, mart, "segment_dimension", {})
        raise usage_error(f"{mart} has no segments by {dimension}: there are {there}.")
    if not _has(connection, mart, wanted):
        there = _values(connection, mart, "segment_value", {"segment_dimension": dimension})
        raise usage_error(f"{mart} has no {dimension} {value}: there are {there}.")
    return wanted


def period_conditions(
    connection: duckdb.DuckDBPyConnection, mart: str, period: str | None, names: list[str]
) -> dict[str, str]:
    """2018, 2018Q4, 2018-10 or all as conditions."""
    if period is None:
        return {}
    if "period_grain" not in names:
        raise usage_error(f"The mart {mart} is not cut by periods: leave --period out.")
    wanted = _read_period(period)
    if not _has(connection, mart, wanted):
        grain = wanted["period_grain"]
        there = _values(connection, mart, "period_start", {"period_grain": grain})
        grains = _values(connection, mart, "period_grain", {})
        said = f"by {grain} it begins {there}" if there else f"there are periods by {grains}"
        raise usage_error(f"{mart} has no period {period}: {said}.")
    return wanted


def _read_period(period: str) -> dict[str, str]:
    text = period.strip().lower().replace(" ", "").replace("_", "")
    if text in ("all", "alltime"):
        return {"period_grain": "all_time"}
    if re.fullmatch(r"[0-9]{4}", text):
        return {"period_grain": "year", "period_start": f"{text}-01-01"}
    if found := re.fullmatch(r"([0-9]{4})-?q([1-4])", text):
        month = int(found[2]) * 3 - 2
        return {"period_grain": "quarter", "period_start": f"{found[1]}-{month:02d}-01"}
    if found := re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text):
        return {"period_grain": "month", "period_start": f"{found[1]}-{found[2]}-01"}
    raise usage_error(f"The period {period} is none: write 2018, 2018Q4, 2018-10 or all.")


def _where(conditions: dict[str, str]) -> str:
    """Compared as text, so that a date, a number and a code are all asked for in one way."""
    return " where " * bool(conditions) + " and ".join(
        f"cast({name} as varchar) = ?" for name in conditions
    )


def _has(connection: duckdb.DuckDBPyConnection, mart: str, conditions: dict[str, str]) -> bool:
    return bool(
        connection.execute(
            f"select 1 from {mart}{_where(conditions)} limit 1", list(conditions.values())
        ).fetchall()
    )


def _values(
    connection: duckdb.DuckDBPyConnection, mart: str, column: str, conditions: dict[str, str]
) -> str:
    found = connection.execute(
        f"select distinct cast({column} as varchar) as value from {mart}{_where(conditions)} "
        "order by value",
        list(conditions.values()),
    ).fetchall()
    named = [str(value) for (value,) in found]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


def _close(name: str, known: list[str]) -> str | None:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else None
