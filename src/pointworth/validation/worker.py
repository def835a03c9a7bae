"""Great Expectations in a process of its own.

Importing it takes seconds of processor time. Started with the run, the process does that on another
core while dbt reads the project, and waits with it done when the first file is there to be checked.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pointworth import stopping
from pointworth.errors import PointworthError
from pointworth.garbage import not_collected, rarely_collected
from pointworth.validation.lean import be_lean
from pointworth.validation.suites import Check, Suite

_SERVE = "from pointworth.validation.worker import serve; serve()"


class Validator:
    """Checks files, one after the other, in the other process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def check(self, file: Path, suites: Sequence[Suite]) -> list[Check]:
        """What became of every rule of the suites; nobody else may hold `file` open for writing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump((file, list(suites)), self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError) as error:
            raise PointworthError(
                f"The process that validates {file} was ended from outside, perhaps for lack of "
                "memory: free some memory and run again."
            ) from error
        if isinstance(answer, str):
            raise PointworthError(f"The validation of {file} could not run: {answer}.")
        checks: list[Check] = answer
        return checks


@contextmanager
def validator(memory_limit: str, spill: Path) -> Iterator[Validator]:
    """Start the process; it ends with the context, and also when this process is killed.

    DuckDB takes `memory_limit` in it, too, and spills what is more into the folder `spill`.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # Great Expectations writes hints for its own developers
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "POINTWORTH_MEMORY_LIMIT": memory_limit,
            "POINTWORTH_SPILL": str(spill),
        },
        process_group=0,  # it is this process that a terminal stops, and this one ends the other
    )
    try:
        with stopping.ending(process.kill):
            yield Validator(process)
    finally:
        process.kill()  # it only reads
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def serve() -> None:
    """Answer the requests on standard input; when it ends, end at once, whatever is going on."""
    requests: queue.Queue[tuple[Path, list[Suite]]] = queue.Queue()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    be_lean()
    with not_collected():
        from pointworth.validation.engine import run_suites

    limits = {
        "memory_limit": os.environ["POINTWORTH_MEMORY_LIMIT"],
        "temp_directory": os.environ["POINTWORTH_SPILL"],
    }
    with rarely_collected():
        while True:
            file, suites = requests.get()
            try:
                answer: list[Check] | str = run_suites(file, suites, limits)
            except Exception as error:
                answer = f"{type(error).__name__}: {' '.join(str(error).split())}"
            pickle.dump(answer, answers)
            answers.flush()


def _receive(requests: "queue.Queue[tuple[Path, list[Suite]]]") -> None:
    while True:
        try:
            requests.put(pickle.load(sys.stdin.buffer))
        except EOFError:
            os._exit(0)
