"""Copies of large files: by reference where the file system can, hashed while they are read."""

import fcntl
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

_FICLONE = 0x40049409
_CHUNK = 1 << 20


def copy_and_hash(source: Path, target: Path) -> str:
    """Copy a file to a name that is free; returns the SHA-256 of what was copied, in hex."""
    with source.open("rb") as read, target.open("xb") as written:
        if _clone(read, written):
            return hashlib.file_digest(read, "sha256").hexdigest()
        found = hashlib.sha256()
        while chunk := read.read(_CHUNK):
            found.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
        return found.hexdigest()


def hash_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_read_only(path: Path) -> None:
    """Let nobody write to a file; who may read it stays."""
    path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o444)


def _clone(source: BinaryIO, target: BinaryIO) -> bool:
    """Share the blocks of a file, until one of the two is written to."""
    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True
