"""Processes that tests start: known by a mark in their environment, so that none is forgotten."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

MARK = "POINTWORTH_STARTED_BY_TEST"
SUITE_MARK = "POINTWORTH_STARTED_BY_SUITE"
_SAFETY_SECONDS = 300
"""After which something awaited counts as never coming; long, because machines may be busy."""


def marked(mark: str, name: str = MARK) -> Iterator[int]:
    """The processes alive, besides this one, that were started with a mark in their environment."""
    wanted = f"{name}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            entries = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        process = int(folder.name)
        if wanted in entries and process != os.getpid() and not _is_own_helper(process):
            yield process


def _is_own_helper(process: int) -> bool:
    """Whether it is Python's own, which cleans up after this process when this one has ended."""
    try:
        parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]
    except OSError:
        return False
    return int(parent) == os.getpid() and "resource_tracker" in command_of(process)


def command_of(process: int) -> str:
    """How a process was called; nothing when it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def await_true(holds: Callable[[], object], what: str, meanwhile: Callable[[], None]) -> None:
    """Until something holds, however long it takes; `meanwhile` raises when it never will."""
    deadline = time.monotonic() + _SAFETY_SECONDS
    while not holds():
        meanwhile()
        assert time.monotonic() < deadline, f"awaited in vain: {what}"
        time.sleep(0.02)


def end_shared_processes() -> None:
    """End what this process itself keeps for its whole life: Spark's Java."""
    if context := getattr(sys.modules.get("pyspark"), "SparkContext", None):
        gateway = context._gateway
        if gateway is not None:
            gateway.shutdown()
            gateway.proc.kill()
            gateway.proc.wait()


def assert_none_left(mark: str, name: str = MARK) -> None:
    """No process with this mark is alive; those found are ended first, so that none stays."""
    for _ in range(100):  # one that was killed is not gone in the same moment
        if not list(marked(mark, name)):
            return
        time.sleep(0.1)
    left = {process: command_of(process) for process in marked(mark, name)}
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert not left, f"left behind: {left}"
