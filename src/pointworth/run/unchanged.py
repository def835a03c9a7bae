"""Whether a build would publish again what is published, so that it need not be done.

After a publication it is noted what it came from: code and versions, settings, engine, and every
file of the landing. A build that finds all of it as noted, and the published file and its run as
they were left, has nothing to do. The note is never needed: one that cannot be read is thrown away.

The day of a build is part of it only where it mattered: when rows were rejected as later than it.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from pointworth.copies import hash_of
from pointworth.database import connected
from pointworth.dbt_project.kept import versions
from pointworth.landing.snapshot import (
    Snapshot,
    Stamp,
    hash_of_content,
    is_settled,
    now,
    snapshot,
    stamp,
)
from pointworth.project import package_fingerprint, project_fingerprint
from pointworth.record import Record
from pointworth.settings import Settings, Target
from pointworth.warehouse import Run, Warehouse

_VERSION = 1
_DAY = "not_after"


@dataclass(frozen=True)
class Note:
    """What a publication came from."""

    run: str
    request: str
    day: str | None
    is_day_awaited: bool
    at: int
    marts: Stamp
    stamps: dict[str, Stamp]
    hashes: dict[str, str]
    others: list[str]

    def knows(self, name: str, seen: Stamp) -> bool:
        """Whether a file is as it was noted, as far as its stamp can tell."""
        return self.stamps.get(name) == seen and is_settled(seen, self.at)


@dataclass
class Origin:
    """What a build would publish from, seen before anything of it is read.

    `just_written` are the hashes of files whose stamps would not tell if they were written to now;
    `warning` is what is to be said of a note that was of no use.
    """

    warehouse: Warehouse
    settings: Settings
    datasets: frozenset[str]
    request: str
    seen: Snapshot
    just_written: dict[str, str]
    warning: str | None = None
    _hashes: dict[str, str] | None = None

    @classmethod
    def of(
        cls,
        project: Path,
        warehouse: Warehouse,
        settings: Settings,
        target: Target,
        datasets: Iterable[str],
    ) -> "Origin":
        """Look at everything but contents; raises OSError when the landing cannot be seen."""
        variables = {name: value for name, value in settings.variables.items() if name != _DAY}
        parts = [
            str(settings.landing),
            str(target),
            json.dumps(variables, sort_keys=True, default=str),
            project_fingerprint(project),
            package_fingerprint(),
            *versions(),
            *Record(warehouse).closed_months(),  # marts tell of them
        ]
        request = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
        names = frozenset(datasets)
        seen = snapshot(settings.landing, names)
        at = now()
        just_written = {
            name: hash_of_content(settings.landing / name)
            for name, found in seen.files.items()
            if not is_settled(found, at)
        }
        return cls(warehouse, settings, names, request, seen, just_written)

    def published_run(self) -> Run | None:
        """The run that published what this build would publish again; None when there is none."""
        note = self._read()
        if note is None or note.request != self.request or not self._is_of_this_day(note):
            return None
        run = Run(self.warehouse.runs_folder / note.run)
        if self.warehouse.runs()[:1] != [run] or self.warehouse.logged_run() != run:
            return None  # a run failed since, or an earlier one is published again
        if run.record.get("outcome") != "published" or not self._is_whole(note, run):
            return None
        if list(self.seen.others) != note.others or self.seen.files.keys() != note.stamps.keys():
            return None
        with suppress(OSError):
            hashes = {name: self._hash(name, note) for name in self.seen.files}
            if hashes == note.hashes:
                self._write(note.run, note.day, note.is_day_awaited, hashes)
                return run
        return None

    def content_hashes(self) -> dict[str, str]:
        """The hash of what each file of the landing holds; computed once, or known from before."""
        if self._hashes is None:
            before = self._read()
            self._hashes = {name: self._hash(name, before) for name in self.seen.files}
        return self._hashes

    def note(self, run: Run) -> None:
        """Note what a run has published from; or nothing, if it was written to meanwhile."""
        with suppress(OSError, duckdb.Error):
            hashes = self.content_hashes()
            self.file.unlink(missing_ok=True)
            if snapshot(self.settings.landing, self.datasets) != self.seen:
                return
            # The stamps of these would not tell.
            hashes |= {
                name: hash_of_content(self.settings.landing / name) for name in self.just_written
            }
            if not self.just_written.items() <= hashes.items():
                return
            day = self.settings.variables.get(_DAY)
            self._write(run.name, day, self._is_day_awaited(), hashes)

    @property
    def file(self) -> Path:
        """Where the note is."""
        return self.warehouse.build_folder / "published_from.json"

    def _is_of_this_day(self, note: Note) -> bool:
        day = self.settings.variables.get(_DAY)
        if day == note.day:
            return True
        is_later = day is not None and note.day is not None and str(day) > note.day
        return is_later and not note.is_day_awaited

    def _is_day_awaited(self) -> bool:
        """Whether a later day lets rows in that were rejected. An earlier as-of date never does."""
        day, as_of = (self.settings.variables.get(name) for name in (_DAY, "as_of_date"))
        if day is None or (as_of is not None and str(as_of) <= str(day)):
            return False
        with connected(self.warehouse.marts_file, read_only=True) as connection:
            return bool(
                connection.execute(
                    "select 1 from rejected_rows "
                    "where contains(cast(reasons as varchar), 'in_the_future') limit 1"
                ).fetchall()
            )

    def _is_whole(self, note: Note, run: Run) -> bool:
        """Whether readers open what the run published."""
        try:
            seen = stamp(self.warehouse.marts_file)
            return (seen == note.marts and is_settled(seen, note.at)) or (
                hash_of(self.warehouse.marts_file) == run.record.get("marts_sha256")
            )
        except OSError:
            return False

    def _hash(self, name: str, note: Note | None) -> str:
        if note is not None and note.knows(name, self.seen.files[name]):
            return note.hashes[name]
        return hash_of_content(self.settings.landing / name)

    def _write(
        self, run: str, day: str | None, is_day_awaited: bool, hashes: dict[str, str]
    ) -> None:
        """In one step: who is killed leaves the note as it was."""
        note = Note(
            run,
            self.request,
            day,
            is_day_awaited,
            now(),
            stamp(self.warehouse.marts_file),
            self.seen.files,
            hashes,
            list(self.seen.others),
        )
        content = json.dumps(asdict(note))
        draft = self.file.with_suffix(".tmp")
        draft.write_text(f"{_VERSION} {_check(content)}\n{content}\n", encoding="utf-8")
        os.replace(draft, self.file)

    def _read(self) -> Note | None:
        """The note, or None; one that is damaged or of another version is thrown away."""
        try:
            head, content = self.file.read_text(encoding="utf-8").split("\n")[:2]
            if head != f"{_VERSION} {_check(content)}":
                raise ValueError(head)
            note = Note(**json.loads(content))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            self.warning = (
                f"The note {self.file} was damaged or of another version: "
                "it was thrown away, and everything built."
            )
            with suppress(OSError):
                self.file.unlink()
            return None
        stamps = {name: _as_stamp(values) for name, values in note.stamps.items()}
        return replace(note, marts=_as_stamp(note.marts), stamps=stamps)


def _as_stamp(values: Iterable[int]) -> Stamp:
    size, content, file, inode = values
    return size, content, file, inode


def _check(content: str) -> str:
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
