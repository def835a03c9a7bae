"""The command `explain`: shows what a figure is made of, and writes all of it."""

from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from pointworth.asking.answer import Answer
from pointworth.asking.layout import fits, print_records, print_table, say
from pointworth.asking.show import period_conditions, segment_conditions
from pointworth.errors import usage_error
from pointworth.explain import score, value
from pointworth.explain.evidence import evidence
from pointworth.explain.pack import Part, asked, write_pack

_FIGURES = {"revenue_per_point": value, "nps_by_segment": score}
_SHOWN = 12


def explain(
    home: Path,
    figure: str,
    segment: str,
    period: str | None,
    kind: str,
    month: int | None,
    folder: Path,
    console: Console,
) -> None:
    """Show the chain from a published figure to its rows, and write it into a folder."""
    if figure not in _FIGURES:
        raise usage_error(f"{figure} cannot be explained: use {' or '.join(_FIGURES)}.")
    if "=" not in segment and segment != "all":
        raise usage_error(f"--segment {segment}: give a dimension and its value, region=north.")
    if figure == "revenue_per_point" and period is not None:
        raise usage_error("revenue_per_point has no periods: leave --period out.")
    if figure == "nps_by_segment" and month is not None:
        raise usage_error("Months after an answer are of revenue_per_point: leave --month out.")
    what = _FIGURES[figure]
    with evidence(home) as build:
        wanted = _wanted(build, figure, segment, period, kind, month)
        found = asked(build, what.PARTS[0].query, wanted).fetchall()
        if not found:
            raise usage_error(f"{figure} has no row for {segment}: pointworth show {figure}.")
        rows = write_pack(build, what.PARTS, wanted, what.README, folder)
        for part in what.PARTS:
            if part.title:
                _show(build, part, wanted, console)
    files = ", ".join(f"{name}.csv ({count:,} rows)" for name, count in rows.items())
    say(console, f"Wrote {folder}: {files}; README.md says how to work it out by hand.")


def _wanted(
    build: duckdb.DuckDBPyConnection,
    figure: str,
    segment: str,
    period: str | None,
    kind: str,
    month: int | None,
) -> dict[str, Any]:
    """The parameters of the queries, all of which mean a row that is there."""
    columns = ["segment_dimension", "segment_value", "period_grain", "period_start"]
    segment = "all=all" if segment == "all" else segment
    where = segment_conditions(build, figure, segment, columns)
    wanted: dict[str, Any] = {
        "dimension": where["segment_dimension"],
        "value": where["segment_value"],
    }
    if figure == "revenue_per_point":
        return wanted | {"month": month}
    of_period = period_conditions(build, figure, period or "all", columns)
    return wanted | {
        "grain": of_period["period_grain"],
        "start": of_period.get("period_start"),
        "kind": kind,
        "scale": "nps_0_10",
    }


def _show(
    build: duckdb.DuckDBPyConnection, part: Part, wanted: dict[str, Any], console: Console
) -> None:
    found = asked(build, part.query, wanted).query("part", part.shown)
    rows = found.fetchmany(_SHOWN + 1)
    say(console, f"{part.title}:")
    columns = Answer(found.columns, rows[:_SHOWN]).written()
    (print_table if fits(columns, console.width) else print_records)(console, columns)
    if len(rows) > _SHOWN:
        say(console, f"The first {_SHOWN} rows; {part.name}.csv has them all.")
