"""The warehouse folder: its layout, its lock, its runs, and the one file readers open.

    HOME/marts.duckdb            what is published; replaced in one step, never written in place
    HOME/dashboard.html          the page of what is published, replaced with it
    HOME/publications.jsonl      every publication and rollback, one a line
    HOME/lock                    held while a build or a rollback runs
    HOME/secret                  what the marks of erasure requests are made with
    HOME/build/                  the private file, dbt's target and the spill of the builds
    HOME/runs/<run>/             run.json, report.html, dbt.log; when it was published marts.duckdb
                                 and dashboard.html

A run's marts.duckdb is a copy of what was published, which nobody may write to, and run.json holds
its hash: what is published is the run whose hash the file has, and a rollback, which is the same
atomic replacement as a publication, brings back what was published and nothing else.
"""

import datetime
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointworth import stopping
from pointworth.copies import copy_and_hash, hash_of, make_read_only
from pointworth.errors import PointworthError, from_os_error, in_use, invalid_data, usage_error

RUNS_KEPT = 5
_KEPT_OF_A_CLEARED_RECORD = (
    "run",
    "landing",
    "started_at",
    "target",
    "outcome",
    "exit_code",
    "seconds",
    "as_of",
    "steps",
)


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
    def page_file(self) -> Path:
        """What the run published, as a page."""
        return self.folder / "dashboard.html"

    @property
    def record(self) -> dict[str, Any]:
        """The content of run.json, empty when the run left none that can be read."""
        try:
            content = json.loads(self.record_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write_record(self, record: dict[str, Any]) -> None:
        """Write run.json in one step."""
        draft = self.record_file.with_suffix(".tmp")
        draft.write_text(json.dumps(record, indent=2, default=str) + "\n", encoding="utf-8")
        draft.replace(self.record_file)

    def clear(self) -> None:
        """Keep of a run only when it was and how it ended: nothing a row's content can be in."""
        record = self.record
        for path in self.folder.iterdir():
            if path != self.record_file:
                path.unlink()
        kept = {name: record[name] for name in _KEPT_OF_A_CLEARED_RECORD if name in record}
        self.write_record({**kept, "cleared": "a person in it asked to be erased"})


@dataclass(frozen=True)
class Warehouse:
    """The folder a warehouse lives in."""

    home: Path

    @property
    def marts_file(self) -> Path:
        """The published file."""
        return self.home / "marts.duckdb"

    @property
    def page_file(self) -> Path:
        """The page of what is published."""
        return self.home / "dashboard.html"

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
                raise in_use(
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
            for pattern in (".marts-*", ".dashboard*"):
                for draft in self.home.glob(pattern):
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
        """The run whose marts readers open; None when nobody published them as they are.

        A run of earlier versions recorded no hash: of it the last entry of the log is believed.
        """
        if not self.marts_file.is_file():
            return None
        logged = self.logged_run()
        if logged and "marts_sha256" not in logged.record:
            return logged
        found = hash_of(self.marts_file)
        candidates = [logged, *self.runs()] if logged else self.runs()
        return next((run for run in candidates if run.record.get("marts_sha256") == found), None)

    def logged_run(self) -> Run | None:
        """The run that was published last, as the log tells."""
        for entry in self.publications():
            run = Run(self.runs_folder / str(entry.get("run")))
            return run if run.folder.is_dir() else None
        return None

    def draft_file(self, run: Run) -> Path:
        """Where a run writes its marts before they replace the published ones."""
        return self.home / f".marts-{run.name}.duckdb"

    def keep(self, draft: Path, run: Run) -> str:
        """Keep a run's marts for a later rollback; returns their hash."""
        found = copy_and_hash(draft, run.marts_file)
        make_read_only(run.marts_file)
        return found

    def replace_published(self, draft: Path, page: Path | None = None) -> None:
        """Make `draft` what readers open; those who hold the old file keep reading the old data.

        The page takes its place just before: one that cannot leaves everything as it was, and it
        is taken back when the marts cannot follow. Raises Stopped when a signal came before; one
        that comes later finds it published.
        """
        _sync(draft)
        make_read_only(draft)
        stopping.done()
        with self._page_replaced(page):
            os.replace(draft, self.marts_file)
        with suppress(OSError):
            _sync(self.home)

    @contextmanager
    def _page_replaced(self, page: Path | None) -> Iterator[None]:
        """Put a page in its place, and the old one back if what follows fails."""
        if page is None:
            yield
            return
        draft, before = self.home / ".dashboard", self.home / ".dashboard-before"
        try:
            for left in (draft, before):
                left.unlink(missing_ok=True)
            shutil.copyfile(page, draft)
            with suppress(FileNotFoundError):
                os.link(self.page_file, before)
            os.replace(draft, self.page_file)
            try:
                yield
            except BaseException:
                if before.exists():
                    os.replace(before, self.page_file)
                else:
                    self.page_file.unlink(missing_ok=True)
                raise
        finally:
            for left in (draft, before):
                with suppress(OSError):
                    left.unlink(missing_ok=True)

    def restore_page(self, run: Run) -> None:
        """Lay a page that is gone again, as its run published it."""
        if run.page_file.is_file() and not self.page_file.exists():
            with self._page_replaced(run.page_file):
                pass

    def log_publication(self, action: str, run: Run) -> None:
        """Note a publication or a rollback."""
        entry = {"at": f"{_now():%Y-%m-%dT%H:%M:%SZ}", "action": action, "run": run.name}
        with suppress(OSError), (self.home / "publications.jsonl").open("a+b") as log:
            log.seek(0, os.SEEK_END)
            if log.tell():
                log.seek(-1, os.SEEK_END)
                if log.read(1) != b"\n":  # a line that was cut off must not take this one with it
                    log.write(b"\n")
            log.write(json.dumps(entry).encode() + b"\n")

    def publications(self) -> list[dict[str, str]]:
        """What was published when, the latest first; a line that was cut off is passed over."""
        try:
            log = (self.home / "publications.jsonl").read_bytes()
        except OSError:
            return []
        entries = []
        for line in reversed(log.splitlines()):
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and {"at", "action", "run"} <= entry.keys():
                    entries.append(entry)
        return entries

    def secret(self) -> bytes:
        """What this home's pseudonyms are made with: written once, for its owner only, never told.

        Who loses it gets other pseudonyms, and kept runs can no longer be told from requests.
        """
        path = self.home / "secret"
        draft = path.with_suffix(f".{os.getpid()}")
        try:
            if not path.exists():
                draft.unlink(missing_ok=True)
                draft.touch(mode=0o600, exist_ok=False)
                draft.write_text(secrets.token_hex(32), encoding="ascii")
                draft.replace(path)
            return path.read_bytes()
        except OSError as error:
            raise from_os_error(error, path) from error

    def marks_of(self, requests: Iterable[str]) -> list[str]:
        """What run.json may hold of erasure requests: the same for the same one, and no more."""
        secret = self.secret()
        return sorted(
            hmac.new(secret, request.encode(), hashlib.sha256).hexdigest() for request in requests
        )

    def clear_runs_before(self, erasures: Iterable[str], current: Run) -> None:
        """Runs that do not know all these requests may still hold the people: clear them."""
        for run in self.runs():
            if run != current and not set(erasures) <= set(run.record.get("erasures", ())):
                with suppress(OSError):
                    run.clear()

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
            self._require_no_request_since(target)
            draft = self.home / f".marts-{target.name}.duckdb"
            try:
                draft.unlink(missing_ok=True)
                found = copy_and_hash(target.marts_file, draft)
                self._require_as_published(target, found, draft)
                if not target.page_file.is_file():  # of a version that wrote none
                    from pointworth.page import Facts, write_page

                    write_page(draft, target.page_file, Facts.of(target.record, None))
                self.replace_published(draft, target.page_file)
            except OSError as error:
                raise from_os_error(error, self.home) from error
            self.log_publication("rollback", target)
            return target

    def _rollback_target(self, name: str | None) -> Run:
        kept = [run for run in self.runs() if run.marts_file.is_file()]
        current = self.published_run()
        if name is None:
            last = current or self.logged_run()
            earlier = [run for run in kept if last is None or run.name < last.name]
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

    def _require_as_published(self, run: Run, found: str, draft: Path) -> None:
        if found != run.record.get("marts_sha256", found):
            draft.unlink(missing_ok=True)
            raise invalid_data(
                f"{run.marts_file} was changed since run {run.name} published it, so it is not "
                "published again: name another run, or build."
            )

    def _require_no_request_since(self, target: Run) -> None:
        known = set(target.record.get("erasures", ()))
        for run in self.runs():
            if run.name > target.name and not set(run.record.get("erasures", ())) <= known:
                raise invalid_data(
                    f"Run {target.name} is from before an erasure request that run {run.name} "
                    "knows, so it is not published again: name a later run, or build."
                )

    def prune(self, current: Run | None = None) -> None:
        """Keep the last runs, published and failed apart; never remove what is published now.

        `current` is that run where it is known already.
        """
        current = current or self.published_run()
        published = [run for run in self.runs() if run.marts_file.is_file()]
        failed = [run for run in self.runs() if not run.marts_file.is_file()]
        for run in published[RUNS_KEPT:] + failed[RUNS_KEPT:]:
            if run != current:
                shutil.rmtree(run.folder, ignore_errors=True)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
