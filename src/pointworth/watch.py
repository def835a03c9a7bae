"""Builds a landing whenever it has changed, one run at a time.

Each build is a process of its own: what a run costs in memory ends with it, and a run that the
machine ends does not end the watch. The watch looks at stamps only; whether a change is one is the
build's to say, which is quick when it is none.
"""

import datetime
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pointworth import stopping
from pointworth.errors import EXIT_IN_USE, EXIT_STOPPED, usage_error
from pointworth.landing.snapshot import Snapshot, Stamp, snapshot, stamp
from pointworth.project import find_project, landing_contract
from pointworth.settings import SETTINGS_FILE, latest_day_anywhere

SETTLED_SECONDS = 2.0
"""A landing must have been left alone for so long before it is built, or for --every if less."""

FAREWELL = "Stopped watching; what is published stays."

Seen = tuple[Snapshot | None, Stamp | None, str]
"""The landing's files, its settings, and the day, which lets rows in that waited for it."""


@dataclass
class Watch:
    """One landing, watched until the process is asked to stop.

    `options` are what the command line gave for `build`; `say` prints a line.
    """

    landing: Path
    home: Path
    every: float
    options: Sequence[str]
    say: Callable[[str], None]
    _tried: Seen | None = field(default=None, init=False)
    _datasets: frozenset[str] = field(default=frozenset(), init=False)

    def run(self) -> None:
        """Look, build when there is a reason, wait; never returns."""
        if self.every <= 0:
            raise usage_error(f"--every {self.every:g}: give a number of seconds above 0.")
        stopping.expected(FAREWELL)
        self._datasets = frozenset(landing_contract(find_project()))
        self._say(f"Watching {self.landing}: looking every {self.every:g} s.")
        while True:
            due = time.monotonic() + self.every
            seen = self._look()
            while seen != self._tried and not self._is_settled(seen):
                seen = self._look()
            if seen != self._tried:
                self._build(seen)
            self._wait(max(0.0, due - time.monotonic()))

    def _look(self) -> Seen:
        """What is there now; nothing where that cannot be seen, which a build puts in words."""
        try:
            files = snapshot(self.landing, self._datasets)
        except OSError:  # a folder that is being replaced is not there for a moment
            files = None
        try:
            settings = stamp(self.landing / SETTINGS_FILE)
        except OSError:
            settings = None
        return files, settings, latest_day_anywhere()

    def _is_settled(self, seen: Seen) -> bool:
        """Whether it is still so after a moment: nobody writes to it right now."""
        self._wait(min(self.every, SETTLED_SECONDS))
        return self._look() == seen

    def _build(self, seen: Seen) -> None:
        """One build. A landing that could not be built is not tried again as it is."""
        command = [
            *(sys.executable, "-P", "-m", "pointworth", "build"),
            *("--landing", str(self.landing), "--home", str(self.home), *self.options),
        ]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,  # a terminal stops this process, and this one stops the other
        ) as process:
            try:
                with stopping.ending(process.kill):
                    said, refused = process.communicate()
            except BaseException:
                process.send_signal(signal.SIGTERM)
                process.communicate()
                raise
        if process.returncode in (EXIT_IN_USE, EXIT_STOPPED):
            return  # by somebody else: it is tried again
        self._tried = seen
        if process.returncode == 0:
            for line in said.splitlines():
                if line.startswith("Published"):
                    self._say(line)
        else:
            why = " ".join(refused.split()) or (
                f"The build was ended from outside (status {process.returncode}), perhaps for "
                "lack of memory: free some, and touch a file of the landing."
            )
            self._say(f"{why} What was published stays; the next change is built.")

    def _wait(self, seconds: float) -> None:
        time.sleep(seconds)
        stopping.check()

    def _say(self, text: str) -> None:
        moment = datetime.datetime.now(datetime.UTC)
        self.say(f"{moment:%Y-%m-%d %H:%M:%S} UTC: {text}")
