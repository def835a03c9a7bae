"""One exception for all that a user can cause, and the sentences for a machine that gives out."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_OTHER = 1
EXIT_USAGE = 2
EXIT_INVALID = 3
EXIT_IN_USE = 4
EXIT_STOPPED = 5

_DISK_FULL = (
    "no space left on device",
    "disk quota exceeded",
    "could not write all bytes",
    "max_temp_directory_size",
)
_OUT_OF_MEMORY = ("out of memory", "could not allocate", "failed to offload")


class PointworthError(Exception):
    """What went wrong, where, and how to mend it, in one sentence; and the exit code."""

    def __init__(self, message: str, exit_code: int = EXIT_OTHER) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


def usage_error(message: str) -> PointworthError:
    """The command, the landing or the machine is not as a run needs it: exit code 2."""
    return PointworthError(message, EXIT_USAGE)


def invalid_data(message: str) -> PointworthError:
    """The data is not fit to be published, a test, a validation or a guard says: exit code 3."""
    return PointworthError(message, EXIT_INVALID)


def in_use(message: str) -> PointworthError:
    """Another build or rollback holds the warehouse: exit code 4."""
    return PointworthError(message, EXIT_IN_USE)


def exhausted(text: str, where: Path) -> PointworthError | None:
    """The sentence for a full disk or memory, or None when `text` tells of something else."""
    lowered = text.lower()
    if any(sign in lowered for sign in _DISK_FULL):
        return usage_error(f"The disk that holds {where} is full: free some space and run again.")
    if any(sign in lowered for sign in _OUT_OF_MEMORY):
        return usage_error(
            f"The build needed more memory than it may use, and found no room to spill in {where}: "
            "raise --memory-limit or free some disk space."
        )
    return None


def from_os_error(error: OSError, where: Path) -> PointworthError:
    """The sentence for a file system that refuses."""
    place = error.filename or where
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return usage_error(f"The disk that holds {where} is full: free some space and run again.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return usage_error(
            f"{place} may not be written or read: mend its permissions, or name another folder."
        )
    return usage_error(f"{place} cannot be used ({error.strerror or error}): name another folder.")


@contextmanager
def as_sentences(where: Path) -> Iterator[None]:
    """Turn what the file system and DuckDB raise under `where` into one sentence."""
    import duckdb

    try:
        yield
    except OSError as error:
        raise from_os_error(error, where) from error
    except duckdb.Error as error:
        raise exhausted(str(error), where) or PointworthError(
            f"DuckDB failed on {where}: {one_line(str(error))}"
        ) from error


def one_line(text: str) -> str:
    """The first paragraph of a database's message, on one line."""
    return " ".join(text.strip().split("\n\n", 1)[0].split())
