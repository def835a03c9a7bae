"""The warehouse folder: its layout, its lock, its runs, and the one file readers open.

    HOME/marts.duckdb            what is published; replaced in one step, never written in place
    HOME/publications.jsonl      every publication and rollback, one a line
    HOME/lock                    held while a build or a rollback runs
    HOME/build/                  the private file, dbt's target and the spill of the builds
    HOME/runs/<run>/             run.json, report.html, dbt.log; marts.duckdb when it was published

A run's marts.duckdb is a hard link to what was published (a copy where the disk has no links), so
a rollback is the same atomic replacement as a publication.
"""

import datetime
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointworth.errors import PointworthError, from_os_error, usage_error

RUNS_KEPT = 5


@dataclass(frozen=True)
class Run:
    """One run and its folder."""

    folder: Path

    @property
    def name(self) -> str:
        """The run's name: when it started, in UTC."""
        return self.folder.name

    @property
    def record_file(self) -> Path:
        """What happened, for machines."""
        return self.folder / "run.json"

    @property
    def report_file(self) -> Path:
        """What happened, for people."""
        return self.folder / "report.html"

    @property
    def marts_file(self) -> Path:
        """What the run published."""
        return self.folder / "marts.duckdb"

    @property
    def record(self) -> dict[str, Any]:
        """The content of run.json, empty when the run left none."""
        try:
            content: dict[str, Any] = json.loads(self.record_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content

    def write_record(self, record: dict[str, Any]) -> None:
        """Write run.json in one step."""
        draft = self.record_file.with_suffix(".tmp")
        draft.write_text(json.dumps(record, indent=2, default=str) + "\n", encoding="utf-8")
        draft.replace(self.record_file)


@dataclass(frozen=True)
class Warehouse:
    """The folder a warehouse lives in."""

    home: Path

    @property
    def marts_file(self) -> Path:
        """The published file."""
        return self.home / "marts.duckdb"

    @property
    def build_folder(self) -> Path:
        """What only builds touch."""
        return self.home / "build"

    @property
    def build_file(self) -> Path:
        """The private file; its path never changes, or dbt would parse everything again."""
        return self.build_folder / "pointworth.duckdb"

    @property
    def spill_folder(self) -> Path:
        """Where DuckDB puts what does not fit in memory."""
        return self.build_folder / "spill"

    @property
    def runs_folder(self) -> Path:
        """Where the runs are kept."""
        return self.home / "runs"

    @property
    def demo_landing(self) -> Path:
        """Where `pointworth demo` puts its simulated extracts."""
        return self.home / "demo" / "landing"

    @contextmanager
    def locked(self, purpose: str) -> Iterator[None]:
        """Hold the warehouse for one build or rollback; a second one is refused, not queued."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            lock = (self.home / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise from_os_error(error, self.home) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "another process"
                raise PointworthError(
                    f"The warehouse {self.home} is in use by {holder}: wait until it has finished."
                ) from None
            try:
                lock.truncate(0)
                lock.write(
                    f"a {purpose} (process {os.getpid()}, since {_now():%Y-%m-%d %H:%M:%S} UTC)"
                )
                lock.flush()
            except OSError as error:
                raise from_os_error(error, self.home) from error
            try:
                yield
            finally:
                with suppress(OSError):
                    lock.truncate(0)

    def holder(self) -> str | None:
        """Who is building right now, or None."""
        try:
            with (self.home / "lock").open(encoding="utf-8") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return lock.read().strip()
        except OSError:
            pass
        return None

    def start_run(self) -> Run:
        """A new run folder; also clears what a killed run left half-written."""
        with suppress(OSError):
            for draft in self.home.glob(".marts-*"):
                draft.unlink()
        try:
            for folder in (self.build_folder, self.spill_folder, self.runs_folder):
                folder.mkdir(parents=True, exist_ok=True)
            moment = _now()
            while True:
                run = Run(self.runs_folder / f"{moment:%Y%m%dT%H%M%SZ}")
                try:
                    run.folder.mkdir()
                except FileExistsError:
                    moment += datetime.timedelta(seconds=1)
                else:
                    return run
        except OSError as error:
            raise from_os_error(error, self.home) from error

    def runs(self) -> list[Run]:
        """All runs, the latest first."""
        if not self.runs_folder.is_dir():
            return []
        folders = [path for path in self.runs_folder.iterdir() if path.is_dir()]
        return [Run(path) for path in sorted(folders, reverse=True)]

    def published_run(self) -> Run | None:
        """The run whose file is the one readers open."""
        return next((run for run in self.runs() if _is_same(run.marts_file, self.marts_file)), None)

    def draft_file(self, run: Run) -> Path:
        """Where a run writes its marts before they replace the published ones."""
        return self.home / f".marts-{run.name}.duckdb"

    def keep(self, draft: Path, run: Run) -> None:
        """Keep a run's marts for a later rollback."""
        _link_or_copy(draft, run.marts_file)

    def replace_published(self, draft: Path) -> None:
        """Make `draft` what readers open; those who hold the old file keep reading the old data."""
        _sync(draft)
        os.replace(draft, self.marts_file)
        with suppress(OSError):
            _sync(self.home)

    def log_publication(self, action: str, run: Run) -> None:
        """Note a publication or a rollback."""
        entry = {"at": f"{_now():%Y-%m-%dT%H:%M:%SZ}", "action": action, "run": run.name}
        with (
            suppress(OSError),
            (self.home / "publications.jsonl").open("a", encoding="utf-8") as log,
        ):
            log.write(json.dumps(entry) + "\n")

    def publications(self) -> list[dict[str, str]]:
        """What was published when, the latest first."""
        try:
            lines = (self.home / "publications.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        return [json.loads(line) for line in reversed(lines)]

    def require_published(self) -> Path:
        """The published file, or the sentence that there is none."""
        if not self.marts_file.is_file():
            raise PointworthError(
                f"Nothing is published in {self.home} yet: run pointworth build or pointworth demo "
                "first, or name another folder with --home."
            )
        return self.marts_file

    def rollback(self, name: str | None) -> Run:
        """Publish again an earlier run: the one before the current, or the one named."""
        self.require_published()
        with self.locked("rollback"):
            target = self._rollback_target(name)
            draft = self.home / f".marts-{target.name}.duckdb"
            try:
                draft.unlink(missing_ok=True)
                _link_or_copy(target.marts_file, draft)
                self.replace_published(draft)
            except OSError as error:
                raise from_os_error(error, self.home) from error
            self.log_publication("rollback", target)
            return target

    def _rollback_target(self, name: str | None) -> Run:
        kept = [run for run in self.runs() if run.marts_file.is_file()]
        current = self.published_run()
        if name is None:
            earlier = [run for run in kept if current is None or run.name < current.name]
            if not earlier:
                raise PointworthError(
                    f"No earlier run is kept in {self.runs_folder}: nothing to roll back to."
                )
            return earlier[0]
        target = next((run for run in kept if run.name == name), None)
        if target is None:
            shown = ", ".join(run.name for run in kept) or "none"
            raise usage_error(
                f"No published run {name} is kept in {self.runs_folder}: kept are {shown}."
            )
        if target == current:
            raise usage_error(f"The run {name} is what is published already: name another one.")
        return target

    def prune(self) -> None:
        """Keep the last runs, published and failed apart; never remove what is published now."""
        current = self.published_run()
        published = [run for run in self.runs() if run.marts_file.is_file()]
        failed = [run for run in self.runs() if not run.marts_file.is_file()]
        for run in published[RUNS_KEPT:] + failed[RUNS_KEPT:]:
            if run != current:
                shutil.rmtree(run.folder, ignore_errors=True)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are one file, or a copy that kept size and time."""
    try:
        a, b = one.stat(), other.stat()
    except OSError:
        return False
    return os.path.samestat(a, b) or (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
