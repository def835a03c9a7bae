"""Great Expectations in a process of its own.

Importing it takes seconds of processor time. Started with the run, the process does that on another
core while dbt reads the project, and waits with it done when the first file is there to be checked.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from pointworth.errors import PointworthError
from pointworth.validation.suites import Check, Suite


class Validator:
    """Checks files, one after the other, in the other process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def check(self, file: Path, suites: Sequence[Suite]) -> list[Check]:
        """What became of every rule of the suites; nobody else may hold `file` open for writing."""
        try:
            self._connection.send((file, list(suites)))
            answer = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise PointworthError(
                f"The process that validates {file} was ended from outside, perhaps for lack of "
                "memory: free some memory and run again."
            ) from error
        if isinstance(answer, str):
            raise PointworthError(f"The validation of {file} could not run: {answer}.")
        checks: list[Check] = answer
        return checks


@contextmanager
def validator() -> Iterator[Validator]:
    """Start the process; it ends with the context, and also when this process is killed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), name="validator", daemon=True)
    process.start()
    theirs.close()
    try:
        yield Validator(ours)
    finally:
        ours.close()
        process.kill()  # it only reads
        process.join()


def _serve(connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _be_silent()
    from pointworth.validation.engine import run_suites

    while True:
        try:
            file, suites = connection.recv()
        except (EOFError, ConnectionError):
            return
        try:
            connection.send(run_suites(file, suites))
        except Exception as error:
            connection.send(f"{type(error).__name__}: {' '.join(str(error).split())}")


def _be_silent() -> None:
    """Great Expectations writes hints for its own developers to the terminal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
