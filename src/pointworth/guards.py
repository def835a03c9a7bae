"""A run that lost something against the published one does not publish, unless it is meant so."""

import gzip
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pointworth.allowances import Allowance
from pointworth.database import connected
from pointworth.errors import invalid_data
from pointworth.project import Dataset

FEW_ROWS = 20
"""A small dataset may lose so many rows whatever their share: five programmes of ten are no fault.
None may lose all of its rows."""

COUNTED = 10
"""Filled values of a column are counted up to here: whether there are some, or none any more."""

ERASURES = "privacy_erasure_requests"
_HEADER_BYTES = 65536


@dataclass(frozen=True)
class Loss:
    """Something the published run had and this one has not."""

    allowance: Allowance
    says: str

    def as_dict(self) -> dict[str, str]:
        """The loss for run.json."""
        return {"allowance": str(self.allowance), "says": self.says}


@dataclass
class Guards:
    """Compares a run with the record of the published one; without one nothing can be lost."""

    published: Mapping[str, Any]
    allowed: Collection[str]
    losses: list[Loss] = field(default_factory=list)

    def datasets(self, present: Collection[str]) -> None:
        """As soon as the landing's files are known."""
        self._refuse(
            Loss(Allowance.missing_datasets, f"{name}, of which it had {_rows(rows)}, is not there")
            for name, rows in self._rows_before().items()
            if rows and name not in present
        )

    def content(
        self,
        rows: Mapping[str, int],
        columns: Mapping[str, Mapping[str, int]],
        files: Mapping[str, Sequence[Path]],
        shrunk_share: Callable[[str], float],
        erasures: Collection[str],
    ) -> None:
        """When the landing is loaded: rows and filled columns of every dataset that is there."""
        self._refuse(
            [
                *self._lost_columns(columns, files, rows),
                *self._lost_rows(rows, shrunk_share),
                *self._lost_requests(erasures),
            ]
        )

    def as_of(self, date: str | None) -> None:
        """When the clock is known."""
        before = self.published.get("as_of")
        if date and before and date < before:
            self._refuse(
                [Loss(Allowance.earlier_as_of, f"the as-of date falls from {before} to {date}")]
            )

    def _refuse(self, losses: Iterable[Loss]) -> None:
        found = list(losses)
        meant = [loss for loss in found if loss.allowance in self.allowed]
        self.losses += meant
        unmeant = [loss for loss in found if loss not in meant]
        if not unmeant:
            return
        words = ",".join(dict.fromkeys(loss.allowance for loss in unmeant))
        raise invalid_data(
            f"This landing lost something against run {self.published.get('run')}, which is "
            f"published, so nothing was published: {'; '.join(loss.says for loss in unmeant)}. "
            f"Mend the landing, or build with --allow {words} if it is meant so."
        )

    def _rows_before(self) -> dict[str, int]:
        """Rows by dataset, of records of earlier versions too."""
        rows = self.published.get("rows") or {
            entry["dataset"]: entry.get("rows_read") or 0
            for entry in self.published.get("datasets", ())
        }
        return {str(name): int(count) for name, count in rows.items()}

    def _lost_columns(
        self,
        columns: Mapping[str, Mapping[str, int]],
        files: Mapping[str, Sequence[Path]],
        rows: Mapping[str, int],
    ) -> Iterable[Loss]:
        rows_before = self._rows_before()
        for dataset, before in self.published.get("columns", {}).items():
            if not rows.get(dataset):  # then it is the rows that are lost
                continue
            for column, filled in before.items():
                if not filled or columns[dataset].get(column):
                    continue
                if not _is_named(column, files.get(dataset, ())):
                    says = f"{dataset} has no column {column} any more"
                elif filled >= min(COUNTED, math.ceil(rows_before.get(dataset, 0) / 2)):
                    says = f"{dataset} has no value in its column {column} any more"
                else:
                    continue
                yield Loss(Allowance.missing_columns, says)

    def _lost_rows(
        self, rows: Mapping[str, int], shrunk_share: Callable[[str], float]
    ) -> Iterable[Loss]:
        for dataset, before in self._rows_before().items():
            if dataset not in rows:
                continue
            now, share = rows[dataset], shrunk_share(dataset)
            lost = before - now
            if lost > share * before and (lost >= FEW_ROWS or not now):
                yield Loss(
                    Allowance.smaller_datasets,
                    f"{dataset} has {_rows(now)} where it had {before:,}, a loss of "
                    f"{lost / before:.0%}, and max_shrunk_share allows {share:.0%}",
                )

    def _lost_requests(self, erasures: Collection[str]) -> Iterable[Loss]:
        """No person erased before may come back because a list of requests became shorter."""
        lost = set(self.published.get("erasures", ())) - set(erasures)
        if lost:
            yield Loss(
                Allowance.smaller_datasets,
                f"{ERASURES} lacks {len(lost):,} of the requests it had",
            )


def filled_columns(
    connection: duckdb.DuckDBPyConnection, contract: Mapping[str, Dataset], present: Iterable[str]
) -> dict[str, dict[str, int]]:
    """How many values of each column of the loaded datasets are filled, counted up to COUNTED."""
    return {
        name: {
            column.name: _count_up_to(connection, name, column.name)
            for column in contract[name].columns
            if column.called is None  # which segments there are is the settings' to say
        }
        for name in present
    }


def _count_up_to(connection: duckdb.DuckDBPyConnection, dataset: str, column: str) -> int:
    filled = f"select 1 from landing.{dataset} where {column} is not null"
    query = f"select count(*) from ({filled} limit {COUNTED}) as filled"
    return int(connection.execute(query).fetchall()[0][0])


def _is_named(column: str, files: Sequence[Path]) -> bool:
    """Whether any file still speaks of a column, in its header or as a partition."""
    word = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)", re.IGNORECASE)
    return any(word.search(_head(path)) or f"/{column}=" in path.as_posix() for path in files)


def _head(path: Path) -> str:
    """The beginning of a file as text; of a Parquet file its columns."""
    if path.name.endswith(".parquet"):
        with connected() as connection:
            found = connection.execute("select name from parquet_schema($1)", [str(path)])
            return " ".join(str(name) for (name,) in found.fetchall())
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    lines = text.splitlines() or [""]
    return lines[1] if lines[0].startswith("sep=") and lines[1:] else lines[0]


def _rows(count: int) -> str:
    return f"{count:,} row" + ("" if count == 1 else "s")
