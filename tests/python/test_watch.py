"""`pointworth watch`: builds what changes, survives what fails, ends when asked."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from conftest import ROOT, Toy
from pointworth.warehouse import Run, Warehouse
from processes import MARK, assert_none_left, await_true

FAREWELL = "Stopped watching; what is published stays.\n"
SLOW_MODEL = (
    "select count(*) as pairs from range(10000000) as a, range(10000000) as b "
    "where hash(a.range, b.range) = 0"
)


@dataclass
class Watching:
    """A watch in a process of its own."""

    toy: Toy
    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    def await_line(self, text: str, count: int = 1) -> str:
        """The line with a text, once there are so many."""

        def found() -> list[str]:
            return [line for line in self.lines if text in line]

        await_true(lambda: len(found()) >= count, text, self._require_alive)
        return found()[-1]

    def runs(self) -> list[Run]:
        return Warehouse(self.toy.home).runs()

    def responses(self) -> int:
        with duckdb.connect(str(self.toy.published), read_only=True) as connection:
            (row,) = connection.execute("select responses from nps_by_segment").fetchall()
            return int(row[0])

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """How it ends, and the last thing it says."""
        self.process.send_signal(sent)
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        return self.process.wait(), said

    def _require_alive(self) -> None:
        assert self.process.poll() is None, self.lines


@pytest.fixture
def watching(toy: Toy, toy_project: Path) -> Iterator[Watching]:
    """A watch of a toy landing that looks every fifth of a second."""
    mark = str(uuid.uuid4())
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pointworth", "watch", "--every", "0.2"),
            *("--landing", str(toy.landing), "--home", str(toy.home)),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), MARK: mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watch = Watching(toy, process)

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            watch.lines.append(line.rstrip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield watch
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()
        assert_none_left(mark)


def test_what_changes_is_built_and_nothing_else(watching: Watching) -> None:
    watching.await_line("Published")
    assert watching.responses() == 100
    watching.toy.answers(rows=110)
    watching.await_line("Published", 2)
    assert watching.responses() == 110
    watching.toy.answers(rows=110)  # written again, and as it was: looked at, and not built
    os.utime(watching.toy.landing / "survey_responses.csv")
    watching.toy.settings(minimum_responses=20)
    watching.await_line("Published", 3)
    assert len(watching.runs()) == 3
    assert len(watching.lines) == 4, watching.lines
    assert watching.stop(signal.SIGINT) == (0, FAREWELL)


@pytest.mark.slow
def test_a_build_that_fails_is_told_once_and_tried_at_the_next_change(
    watching: Watching,
) -> None:
    watching.await_line("Published")
    file = watching.toy.landing / "survey_responses.csv"
    file.write_text("response_id,score\nr1,9\n", encoding="utf-8")
    line = watching.await_line("What was published stays; the next change is built.")
    assert "responded_at" in line
    assert watching.responses() == 100
    watching.toy.answers(rows=120)
    watching.await_line("Published", 2)
    assert watching.responses() == 120
    assert sum("the next change" in line for line in watching.lines) == 1
    watching.toy.landing.rename(watching.toy.folder / "aside")
    watching.await_line("does not exist")
    watching.toy.answers(rows=105)
    watching.await_line("Published", 3)
    assert watching.responses() == 105


def test_a_signal_ends_the_watch_and_the_build_it_has_begun(
    toy: Toy, toy_project: Path, watching: Watching
) -> None:
    slow = toy_project / "models" / "marts" / "core" / "slow.sql"
    watching.await_line("Published")
    before = toy.published.read_bytes()
    slow.write_text(SLOW_MODEL, encoding="utf-8")
    try:
        toy.answers(rows=110)
        await_true(
            lambda: (
                len(watching.runs()) == 2
                and any("slow" in log.read_text("utf-8") for log in toy.home.glob("runs/*/dbt.log"))
            ),
            "the slow model",
            watching._require_alive,
        )
        assert watching.stop() == (0, FAREWELL)
    finally:
        slow.unlink()
    assert toy.published.read_bytes() == before
    assert Warehouse(toy.home).holder() is None


def test_seconds_that_are_none(toy: Toy) -> None:
    result = toy.run("watch", "--landing", str(toy.landing), "--every", "0")
    assert result.exit_code == 2
    assert "--every 0: give a number of seconds above 0." in result.output
