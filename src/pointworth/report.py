"""What the terminal shows: progress while a build runs, and the tables at its end."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from pointworth.asking.formats import interval_text, value_text
from pointworth.record.close import Close
from pointworth.run import Outcome, Reporter
from pointworth.run.telling import read_alerts
from pointworth.warehouse import Run, Warehouse

_REASONS_SHOWN = 30
_SHOWN_ODDITIES = 20


def is_quiet(console: Console) -> bool:
    """No moving bars where nobody watches: under CI, or when output goes to a file."""
    return bool(os.environ.get("CI")) or not console.is_terminal


class TerminalReporter(Reporter):
    """Shows a build's steps, and a bar with the models while dbt works."""

    def __init__(self, console: Console) -> None:
        super().__init__(expect=self._expect, start=self._start, finish=self._finish)
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", table_column=None),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=is_quiet(console),
        )
        self._task = self._bar.add_task("", total=None)
        self._step = ""

    def __enter__(self) -> "TerminalReporter":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, name: str) -> None:
        """Show the step that begins."""
        self._step = name
        self._bar.reset(self._task, total=None, description=name)

    def rejections(self, rows: list[dict[str, Any]]) -> None:
        """Show why rows were rejected."""
        self._bar.stop()
        self._console.print(rejection_table(rows))

    def _expect(self, total: int) -> None:
        self._bar.update(self._task, total=total)

    def _start(self, name: str) -> None:
        self._bar.update(self._task, description=f"{self._step}: {name[:40]}")

    def _finish(self, name: str) -> None:
        self._bar.advance(self._task)


def print_outcome(
    console: Console, outcome: Outcome, planted: dict[str, float] | None = None
) -> None:
    """The end of a build: what was read, what is empty and why, and the headline figures."""
    console.print(_rows_table(outcome.datasets))
    if outcome.is_continued:
        console.print(_continuation(outcome.changed_rows), highlight=False)
    for ignored in outcome.ignored_columns:
        console.print(
            f"Ignored: the column {ignored['column_name']} of {ignored['source_file']}, "
            "which the contract does not know.",
            highlight=False,
        )
    for warning in outcome.warnings:
        console.print(f"Note: {warning}", highlight=False, soft_wrap=True)
    for found in outcome.oddities[:_SHOWN_ODDITIES]:
        console.print(
            f"Found: {found['found']} in {found['found_in']} ({found['dataset']}, "
            f"{found['row_count']:,} rows). {found['says']}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if len(outcome.oddities) > _SHOWN_ODDITIES:
        more = len(outcome.oddities) - _SHOWN_ODDITIES
        console.print(f"And {more} more like these: see landing_oddities.", highlight=False)
    for loss in outcome.losses:
        console.print(f"Allowed: {loss['says']}.", highlight=False, soft_wrap=True)
    _print_empty_marts(console, outcome.empty_marts)
    if outcome.figures:
        console.print(figure_table(outcome.figures, planted))
    if outcome.levers:
        console.print(lever_table(outcome.levers))
    tests, checks = outcome.tests, outcome.validation
    console.print(
        f"Published {outcome.published} as of {outcome.as_of or 'the latest data'} in "
        f"{outcome.seconds:.0f} s: {tests.get('passed', 0)} tests and "
        f"{len(checks)} expectations held.",
        highlight=False,
        soft_wrap=True,
    )
    if outcome.page:
        console.print(f"Page: {outcome.page}", highlight=False, soft_wrap=True)


def _continuation(changed_rows: dict[str, int]) -> str:
    """What a run that continued the last build found changed."""
    if not changed_rows:
        return "No file of the landing has changed since the last build."
    rows = ", ".join(f"{name} {count:,}" for name, count in changed_rows.items())
    return f"Continued the last build; rows in changed files: {rows}."


def figure_table(
    figures: Iterable[dict[str, Any]], planted: dict[str, float] | None = None
) -> Table:
    """The headline figures; with the planted truth beside them when it is known."""
    table = _table("Headline figures", "Figure", "#Value", "#95 % interval")
    if planted is None:
        table.add_column("Rests on")
    else:
        table.add_column("Planted", justify="right")
        table.add_column("Inside")
    for figure in figures:
        unit, lower, upper = figure["unit"], figure["lower"], figure["upper"]
        cells = [
            figure["label"],
            value_text(figure["value"], unit),
            interval_text(lower, upper, unit),
        ]
        if planted is None:
            cells.append(figure["rests_on"])
        else:
            truth = planted.get(figure["key"])
            cells.append(value_text(truth, unit) if truth is not None else "")
            cells.append(_inside(truth, lower, upper))
        table.add_row(*cells)
    return table


def lever_table(levers: Iterable[dict[str, Any]]) -> Table:
    """What could raise the score, the surest gain first; levers overlap and are not to be added."""
    table = _table(
        "Strongest levers", "Lever", "#Points", "#95 % interval", "#Worth", "#95 % interval"
    )
    for lever in levers:
        cells = [f"{lever['lever']} ({lever['kind']}), {lever['change']}"]
        for figures, unit in ((lever["points"], "points"), (lever["revenue"], lever["currency"])):
            value, lower, upper = figures
            cells += [value_text(value, unit), interval_text(lower, upper, unit)]
        table.add_row(*cells)
    return table


def rejection_table(rows: list[dict[str, Any]]) -> Table:
    """Rejected rows by dataset and reason."""
    table = _table("Rejected rows", "Dataset", "Reason", "#Rows")
    for row in rows[:_REASONS_SHOWN]:
        table.add_row(row["dataset"], row["reason"], f"{row['rows_rejected']:,}")
    return table


def run_table(warehouse: Warehouse, runs: Sequence[Run]) -> Table:
    """The runs that are kept, the latest first."""
    table = _table("Runs", "Run", "Outcome", "On", "As of", "#Seconds", "#Rows read")
    published, is_building = warehouse.published_run(), warehouse.holder() is not None
    for run in runs:
        record = run.record
        outcome = str(record.get("outcome", "no record"))
        if run == published:
            outcome = "published, current"
        elif outcome == "running" and not (is_building and run == runs[0]):
            outcome = f"killed; it ended at: {record['steps'][-1]['name']}"
        table.add_row(
            run.name,
            outcome,
            str(record.get("target") or ""),
            str(record.get("as_of") or ""),
            f"{record.get('seconds', 0):.0f}",
            f"{sum(row.get('rows_read') or 0 for row in record.get('datasets', [])):,}",
        )
    return table


def publication_sentence(warehouse: Warehouse, published: Path) -> str:
    """What is published, since when, and whether it still is what was published."""
    run, logged = warehouse.published_run(), warehouse.logged_run()
    last = next(iter(warehouse.publications()), None)
    if run is not None:
        is_told = last is not None and last["run"] == run.name
        told = f", by {last['action']} at {last['at']}" if last and is_told else ""
        return f"Published: {published}, run {run.name}{told}."
    if logged is not None:
        return (
            f"Published: {published}, but it was changed since run {logged.name} published it: "
            f"pointworth rollback {logged.name} brings back what was published."
        )
    return f"Published: {published}, by a run that is not kept."


def close_sentence(closed: Close) -> str:
    """What was closed, and what was accepted."""
    shown = ", ".join(
        f"{figure['value_in_currency']:,.2f} {figure['part']}"
        for figure in closed.figures
        if figure["figure"] == "recognised_revenue"
    )
    accepted = ", ".join(
        f"{amount:,.2f} {currency}" for currency, amount in closed.unexplained.items()
    )
    told = f", with {accepted} unexplained towards the ledger" if accepted else ""
    return (
        f"Closed {closed.month} as run {closed.run} published it: revenue {shown}{told}. "
        "What changes from now on is in revenue_restatements."
    )


def _rows_table(datasets: Iterable[dict[str, Any]]) -> Table:
    table = _table("Rows", "Dataset", "#Read", "#Accepted", "#Rejected")
    for row in datasets:
        counts = (row.get("rows_read"), row.get("rows_accepted"), row.get("rows_rejected"))
        if any(counts):
            table.add_row(
                row["dataset"], *(f"{count:,}" if count is not None else "" for count in counts)
            )
    return table


def _print_empty_marts(console: Console, empty_marts: Iterable[dict[str, str]]) -> None:
    by_reason: dict[str, list[str]] = {}
    for empty in empty_marts:
        by_reason.setdefault(empty["why"], []).append(empty["mart"])
    if not by_reason:
        return
    table = _table("Empty marts", "Why", "Marts")
    for why, marts in by_reason.items():
        table.add_row(why, ", ".join(marts))
    console.print(table)


def _inside(truth: float | None, lower: float | None, upper: float | None) -> str:
    if truth is None or lower is None or upper is None:
        return ""
    return "[green]yes[/green]" if lower <= truth <= upper else "[red]no[/red]"


def _table(title: str, *columns: str) -> Table:
    """A table; a column whose name begins with # holds numbers."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(
            column.lstrip("#"),
            justify="right" if column.startswith("#") else "left",
            overflow="fold",
            no_wrap=column == "Run",  # a name that is broken cannot be copied
        )
    return table


def status_as_json(warehouse: Warehouse) -> str:
    """What `pointworth status` shows, for machines: the run's record, the runs kept, the alerts."""
    warehouse.require_published()
    published = warehouse.published_run()
    content = {
        "in_use_by": warehouse.holder() or None,
        "published": published.record if published else None,
        "alerts": read_alerts(warehouse.marts_file),
        "runs": [
            {name: run.record.get(name) for name in ("run", "outcome", "as_of", "error")}
            for run in warehouse.runs()
        ],
    }
    return json.dumps(content, indent=2, default=str, ensure_ascii=False)
