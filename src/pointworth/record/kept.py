"""What a home keeps of what it published, beside the runs, which come and go.

    HOME/figures.csv            the figures each run published first or changed; only added to
    HOME/closes.csv             the months that were closed, with their figures; only added to
    HOME/runs/<run>/rows-….parquet   the rows behind the figures of the run published last, hashed

No rebuild, full refresh, rollback or erasure takes anything away from the first two, and nothing in
them names a customer. A publication comes before its figures are added; where a run was killed in
between, the next command adds them from what that run published.
"""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pointworth.database import connected
from pointworth.errors import from_os_error, invalid_data
from pointworth.warehouse import Run, Warehouse

FIGURES_MART = "published_figures"
_ROWS_TABLE = "intermediate.int_figure_rows"
FIGURE_COLUMNS = (
    *("run", "as_of", "figure", "period_start", "part", "is_first", "value", "value_in_currency"),
    *("difference", "late_rows", "corrected_rows", "erased_rows", "exchange"),
    *("changed_definition", "unclassified", "causes", "definition", "unit", "currency"),
)
CLOSE_COLUMNS = (
    *("month", "closed_at", "run", "figure", "period_start", "part", "currency"),
    *("value", "value_in_currency"),
    *("ledger_amount", "unexplained", "accepted_unexplained", "because"),
)


@dataclass(frozen=True)
class Record:
    """The record of a home."""

    warehouse: Warehouse

    @property
    def figures_file(self) -> Path:
        """The figures that were published."""
        return self.warehouse.home / "figures.csv"

    @property
    def closes_file(self) -> Path:
        """The months that were closed."""
        return self.warehouse.home / "closes.csv"

    def for_a_run(self, *, with_rows: bool) -> dict[str, Path]:
        """The files a run is told of; `with_rows` where its engine hashes as they were hashed."""
        self.settle()
        files = {"figures": self.figures_file, "closes": self.closes_file}
        if with_rows and (rows := self._rows()):
            files["figure_rows"] = rows
        return {name: file for name, file in files.items() if file.is_file()}

    def closed_months(self) -> dict[str, str]:
        """Each month that was closed, and when."""
        return {row["month"]: row["closed_at"] for row in _read(self.closes_file, CLOSE_COLUMNS)}

    def add_closes(self, rows: Iterable[Sequence[Any]]) -> None:
        """Keep a close."""
        _add(self.closes_file, CLOSE_COLUMNS, rows)

    def settle(self) -> None:
        """Add what was published and not added yet, because somebody was killed in between."""
        known = {row["run"] for row in _read(self.figures_file, FIGURE_COLUMNS)}
        last = max(known, default="")
        for run in reversed(self.warehouse.runs()):
            if run.name > last and run.marts_file.is_file() and self._was_published(run):
                self._add_figures_of(run)

    def keep(self, run: Run) -> None:
        """Add the figures of a run that was just published; best effort, for `settle` makes up."""
        with suppress(OSError, duckdb.Error):
            self._add_figures_of(run)
            for other in self.warehouse.runs():
                if other != run:
                    for file in other.folder.glob("rows-*.parquet"):
                        file.unlink()

    def _add_figures_of(self, run: Run) -> None:
        with connected(run.marts_file, read_only=True) as connection:
            marts = connection.execute("select table_name from duckdb_tables()").fetchall()
            if (FIGURES_MART,) not in marts:
                return  # of a version that kept none, or of another project
            rows = connection.execute(
                f"select {', '.join(FIGURE_COLUMNS)} from {FIGURES_MART} where run = ? "
                "order by figure, period_start, part",
                [run.name],
            ).fetchall()
        if rows:
            _add(self.figures_file, FIGURE_COLUMNS, rows)

    def _was_published(self, run: Run) -> bool:
        """Whether readers saw it; a run records that it published just before it does."""
        if run.record.get("outcome") != "published":
            return False
        logged = any(entry["run"] == run.name for entry in self.warehouse.publications())
        return logged or run == self.warehouse.published_run()

    def _rows(self) -> Path | None:
        """The rows of the last run that was published, one that was rolled back among them."""
        for run in self.warehouse.runs():
            if _rows_file(run).is_file() and self._was_published(run):
                return _rows_file(run)
        return None


def write_rows(build_file: Path, run: Run) -> None:
    """Keep the rows behind a run's figures in its folder, before it is published."""
    with connected(build_file, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()
        if (_ROWS_TABLE,) not in tables:
            return
        path = str(_rows_file(run)).replace("'", "''")
        connection.execute(f"copy {_ROWS_TABLE} to '{path}' (format parquet, compression zstd)")


def _rows_file(run: Run) -> Path:
    """DuckDB hashes alike within a version only, so the rows of another one are not looked for."""
    return run.folder / f"rows-{duckdb.__version__}.parquet"


def _read(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise _damaged(file) from error
    except OSError as error:
        raise from_os_error(error, file) from error
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0]) != tuple(columns):
        raise _damaged(file)
    if any(len(row) != len(columns) for row in rows[1:]) or not text.endswith("\n"):
        raise _damaged(file)
    return [dict(zip(columns, row, strict=True)) for row in rows[1:]]


def _damaged(file: Path) -> Exception:
    return invalid_data(
        f"{file}, the record of what was published, is not as it was written: put back a copy of "
        "it, or move it away, and the record begins anew."
    )


def _add(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows in one step: who is killed leaves the file as it was."""
    _read(file, columns)
    before = file.read_text(encoding="utf-8") if file.exists() else ",".join(columns) + "\n"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [_written(value) for value in row] for row in rows
    )
    draft = file.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8", newline="") as target:
        target.write(before + text.getvalue())
        target.flush()
        os.fsync(target.fileno())
    os.replace(draft, file)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
