"""What a landing folder holds at a moment, seen without opening a file.

A file is told from what it was by its size, its times and its inode, as git does it; what these
leave open is told by a hash of its content.
"""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pointworth.landing.files import list_files

Stamp = tuple[int, int, int, int]
"""Size, time of the content, time of the file, inode."""

_TICK = 50_000_000
_COARSE_TICK = 2_000_000_000
_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Snapshot:
    """The stamps of the files that datasets claim, and the names of all others."""

    files: dict[str, Stamp]
    others: tuple[str, ...]


def snapshot(folder: Path, datasets: Iterable[str]) -> Snapshot:
    """Look at a landing; raises OSError where that is not possible."""
    listing = list_files(folder, datasets)
    files = {
        path.relative_to(folder).as_posix(): stamp(path)
        for paths in listing.files.values()
        for path in paths
    }
    return Snapshot(
        files, tuple(sorted([*listing.passed_over, *listing.unread, *listing.broken_links]))
    )


def stamp(path: Path) -> Stamp:
    """The stamp of a file, or of what a link leads to."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def is_settled(seen: Stamp, at: int) -> bool:
    """Whether a file seen at a moment (ns) must have another stamp when it is written to later.

    Not when it had just been written: clocks of file systems have ticks, some of whole seconds.
    """
    changed = max(seen[1], seen[2])
    return changed + (_TICK if changed % _SECOND else _COARSE_TICK) < at


def hash_of_content(path: Path) -> str:
    """A hash of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def now() -> int:
    """The moment, as file systems count it (ns)."""
    return time.time_ns()
