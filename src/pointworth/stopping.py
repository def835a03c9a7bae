"""Stopping: what a signal does, from the first import to the end of the process.

Python runs a signal's handler between two steps of the main thread only. While that thread waits
in a database, for as long as its query takes, nothing would happen. So the signal also wakes a
thread that waits for it (through the wakeup descriptor, which is written to at once, whatever the
main thread does). That thread interrupts what runs, again and again, because an interruption that
comes between two queries finds nothing; and it ends the process when the main thread has not ended
it within PATIENCE_SECONDS, or when a second signal comes.

Without `listen` none of this happens: whoever calls `build` as a library handles signals.
"""

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from pointworth.errors import EXIT_STOPPED

PATIENCE_SECONDS = 4.0
SENTENCE = "Stopped before it had finished; nothing was published, nothing was lost."
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PAUSE_SECONDS = 0.05
ONE_SIGNAL_SECONDS = 0.5
"""A supervisor may tell a process and then its group: signals so close together are one."""


class Stopped(SystemExit):
    """Someone asked the process to stop.

    Not a KeyboardInterrupt: when one passes through `exec` of a string, as dataclasses use it,
    Python ends by signal whatever exit code was chosen. dbt cancels its queries for both.
    """


class _State:
    """What the process knows of its end; one process ends once."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.is_asked = False
        self.is_raised = False
        self.is_done = False
        self.is_said = False
        self.sentence = SENTENCE
        self.exit_code = EXIT_STOPPED
        self.interrupts: list[Callable[[], None]] = []
        self.endings: list[Callable[[], None]] = []


_state = _State()


def listen() -> None:
    """From now on a signal stops this process; called once, first of all, by the main thread."""
    wakes, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    # Python's own helper cleans up after a process that ended at once: no user needs to read so.
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    for asked in _SIGNALS:
        signal.signal(asked, _raise_once)
    threading.Thread(target=_watch, args=(wakes,), name="stopping", daemon=True).start()


def is_asked() -> bool:
    """Whether the process was asked to stop, and was not done by then."""
    return _state.is_asked


def is_done() -> bool:
    """Whether what was asked for has happened."""
    return _state.is_done


def check() -> None:
    """Raise Stopped when the process was asked to stop and whatever was raised was swallowed."""
    if _state.is_asked:
        _state.is_raised = True
        raise Stopped(EXIT_STOPPED)


def done() -> None:
    """What was asked for happens now: from here on a signal no longer undoes it.

    Raises Stopped if one came before. Between this and its effect nothing may wait.
    """
    with _state.lock:
        check()
        _state.is_done = True


def expected(sentence: str) -> None:
    """Being stopped is how this process ends: it is no failure, and this is what it says then."""
    _state.sentence, _state.exit_code = sentence, 0


def sentence() -> str:
    """What a process says that was stopped."""
    return _state.sentence


def exit_code() -> int:
    """How a process ends that was stopped."""
    return _state.exit_code


def say() -> bool:
    """Whether it is still to be said that the process was stopped; asked once by who says it."""
    with _state.lock:
        was_said, _state.is_said = _state.is_said, True
    return not was_said


@contextmanager
def interrupting(interrupt: Callable[[], None]) -> Iterator[None]:
    """What a signal calls, again and again, until this context is left."""
    _state.interrupts.append(interrupt)
    try:
        yield
    finally:
        _state.interrupts.remove(interrupt)


@contextmanager
def ending(end: Callable[[], None]) -> Iterator[None]:
    """What is called, the latest first, when the process ends before this context is left."""
    _state.endings.append(end)
    try:
        yield
    finally:
        _state.endings.remove(end)


def end_now() -> None:
    """End the process without waiting for anything or anybody in it."""
    with _state.lock:
        for end in reversed(_state.endings):
            with contextlib.suppress(Exception):
                end()
        if not _state.is_done and say():
            os.write(2, f"{_state.sentence}\n".encode())
        os._exit(0 if _state.is_done else _state.exit_code)


def leave(exit_code: int) -> None:
    """The end of a stopped process: what its threads still do must not keep it."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(exit_code)


def _raise_once(number: int, frame: FrameType | None) -> None:
    if _state.is_done or _state.is_raised:
        return
    _state.is_asked = _state.is_raised = True
    raise Stopped(EXIT_STOPPED)


def _watch(wakes: int) -> None:
    first = None
    while True:
        waited, _, _ = select.select([wakes], [], [], None if first is None else _PAUSE_SECONDS)
        now = time.monotonic()
        if waited and set(os.read(wakes, 64)) & set(_SIGNALS):
            if first is not None and now - first > ONE_SIGNAL_SECONDS:
                end_now()
            first = first or now
        if first is None:
            continue
        with _state.lock:
            _state.is_asked = _state.is_asked or not _state.is_done
        if not _state.is_asked:
            continue
        for interrupt in tuple(_state.interrupts):
            with contextlib.suppress(Exception):
                interrupt()
        if now - first > PATIENCE_SECONDS:
            end_now()
