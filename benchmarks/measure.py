"""A command run once in a process of its own: seconds, memory and disk."""

import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).resolve().parent.parent


class CommandError(RuntimeError):
    """A command that should have been measured failed."""


@dataclass(frozen=True)
class Measured:
    """``seconds`` of the wall clock and ``cpu_seconds``; memory is the peak resident size of the
    process with all it started, disk the peak of the watched folder, both in MiB."""

    seconds: float
    cpu_seconds: float
    peak_memory: int
    peak_disk: int


def measured(
    command: Sequence[str], *, watch: Path | None = None, env: dict[str, str] | None = None
) -> Measured:
    """Run a command to its end; CommandError, with what it said, when it fails."""
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CI": "true", "DBT_WRITE_JSON": "true", **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        sampler = _Sampler(process.pid, watch)
        try:
            said = process.stderr.read() if process.stderr else b""
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    sampler.stop()
    if process.returncode != 0:
        sentence = said.decode("utf-8", "replace").strip()[-2000:]
        raise CommandError(f"{' '.join(command)} failed:\n{sentence}")
    return Measured(
        seconds=round(seconds, 2),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 2),
        peak_memory=sampler.peak_memory,
        peak_disk=sampler.peak_disk,
    )


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs a module with this interpreter."""
    return [sys.executable, "-m", module, *map(str, arguments)]


class _Sampler(threading.Thread):
    """Looks ten times a second at a process with all its descendants, and at a folder."""

    def __init__(self, pid: int, folder: Path | None) -> None:
        super().__init__(daemon=True)
        self.pid, self.folder = pid, folder
        self.peak_memory = self.peak_disk = 0
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(0.1):
            self.peak_memory = max(self.peak_memory, _memory(self.pid))
            if self.folder:
                self.peak_disk = max(self.peak_disk, size_of(self.folder))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def size_of(folder: Path) -> int:
    """The MiB that the files of a folder take on disk, hard links counted once."""
    blocks = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found = os.lstat(os.path.join(parent, name))
                blocks[found.st_ino] = found.st_blocks * 512
    return sum(blocks.values()) // 2**20


def _memory(root: int) -> int:
    """MiB resident in a process and its descendants; at least the peak of the process itself."""
    children: dict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            # The command, in brackets, may hold spaces: what counts comes after it.
            fields = Path(f"/proc/{entry}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
            children[int(fields[1])].append(int(entry))
            resident[int(entry)] = int(fields[21]) * _PAGE
    now = sum(resident.get(pid, 0) for pid in _family(root, children)) // 2**20
    return max(now, _peak(root))


def _peak(pid: int) -> int:
    """The peak MiB of one process since its program began (ru_maxrss begins with its parent's)."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0


def _family(root: int, children: dict[int, list[int]]) -> Iterable[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, [])
