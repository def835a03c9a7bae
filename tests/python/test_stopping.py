"""A signal ends a build at every step: one sentence, nothing published, no process left behind.

Each step is made to last for ever and is awaited in the run's own record, so that the signal comes
in that step however fast or slow the machine is.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import ROOT, Toy
from pointworth import stopping
from pointworth.warehouse import Warehouse
from processes import MARK, assert_none_left, await_true, command_of, marked
from proofs import first_of

ENDLESS = (
    "select count(*) as pairs from range(10000000) as a, range(10000000) as b "
    "where hash(a.range, b.range) = 0"
)
LONG_LOOP = "{% for _ in range(99999) %}{% for _ in range(99999) %}{% endfor %}{% endfor %}"
SHORT_LOOP = "{% for _ in range(400) %}{% for _ in range(50000) %}{% endfor %}{% endfor %}"
BOTH = first_of(signal.SIGTERM, signal.SIGINT)

MAIN = "from pointworth.__main__ import main; main()"
IN_THE_IMPORT_OF = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == {name!r} and self in sys.meta_path:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGTERM)
sys.meta_path.insert(0, Finder())
"""
AROUND = """
import os, signal
from pointworth import {module} as module
owner = module{owner}
original = owner.{name}
def signalled(*given, **named):
    {before}
    result = original(*given, **named)
    {after}
    return result
owner.{name} = signalled
"""
SIGNAL = "os.kill(os.getpid(), signal.SIGTERM)"
PATIENT = """
from pointworth import stopping
stopping.PATIENCE_SECONDS = float('inf')  # so that only an interruption can have ended it
"""
STUCK = """
import ctypes, pathlib, signal
from pointworth import stopping
from pointworth.run import steps
stopping.PATIENCE_SECONDS = {patience}
def stick(*_):
    libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(256)
    for sent in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sent, lambda *_: None)  # nothing is raised from here on, stuck already or not
    pathlib.Path({mark!r}).touch()
    while True:
        libc.pthread_mutex_lock(mutex)  # the second time for ever, and no signal ends it
steps.write_marts = stick
"""


@dataclass
class Building:
    """A build in a process of its own, on a toy project that lasts for ever somewhere."""

    toy: Toy
    project: Path
    mark: str
    process: "subprocess.Popen[str] | None" = None

    def write(self, name: str, text: str) -> None:
        """Add a file to the project, or replace one."""
        (self.project / name).parent.mkdir(parents=True, exist_ok=True)
        (self.project / name).write_text(text, encoding="utf-8")

    def start(self, prelude: str = PATIENT) -> None:
        """Start it; `prelude` is run before anything of the product is imported."""
        code = f"import sys; sys.argv = ['pointworth', *sys.argv[1:]]\n{prelude}\n{MAIN}"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", code, "build"),
                *("--landing", str(self.toy.landing), "--home", str(self.toy.home)),
            ],
            env={
                **os.environ,
                "POINTWORTH_PROJECT": str(self.project),
                "PYTHONPATH": str(ROOT / "src"),
                MARK: self.mark,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def await_step(self, name: str) -> None:
        """Until the run has written that it is at a step."""

        def is_there() -> bool:
            runs = Warehouse(self.toy.home).runs()
            steps = runs[0].record.get("steps", []) if len(runs) > 1 else []
            return bool(steps) and steps[-1]["name"] == name

        await_true(is_there, name, self._require_alive)

    def await_log(self, text: str) -> None:
        """Until dbt has logged something."""
        await_true(
            lambda: any(
                text in log.read_text("utf-8") for log in self.toy.home.glob("runs/*/dbt.log")
            ),
            text,
            self._require_alive,
        )

    def start_stuck(self, patience: str) -> None:
        """Start it, until it writes its marts and no signal can reach its main thread."""
        mark = self.project.parent / "is-stuck"
        self.start(STUCK.format(patience=patience, mark=str(mark)))
        await_true(mark.exists, "a thread that is stuck", self._require_alive)

    def freeze_validation(self) -> None:
        """Let the process that validates never answer."""

        def workers() -> list[int]:
            return [each for each in marked(self.mark) if "worker" in command_of(each)]

        await_true(workers, "the process that validates", self._require_alive)
        for each in workers():
            os.kill(each, signal.SIGSTOP)

    def send(self, sent: signal.Signals) -> None:
        """Send a signal to the process, and to it only."""
        assert self.process is not None
        self.process.send_signal(sent)

    def ended(self) -> tuple[int, str, str]:
        """How it ended, and what it said on its two outputs; no process of it is left."""
        assert self.process is not None
        said, complained = self.process.communicate(timeout=120)
        assert_none_left(self.mark)
        return self.process.returncode, said, complained

    def _require_alive(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, self.process.communicate()


@pytest.fixture
def building(published_toy: Toy, toy_project: Path, tmp_path: Path) -> Iterator[Building]:
    """Something is published; the next build is about to begin."""
    project = tmp_path / "project"
    shutil.copytree(toy_project, project)
    begun = Building(published_toy, project, str(uuid.uuid4()))
    yield begun
    if begun.process is not None:
        begun.process.kill()
        begun.process.wait()
    for process in list(marked(begun.mark)):
        os.kill(process, signal.SIGKILL)


def assert_stopped(building: Building, before: bytes) -> None:
    """One sentence, exit code 5, nothing published, and the next build is as good as any."""
    exit_code, _, complained = building.ended()
    assert complained.strip() == stopping.SENTENCE
    assert exit_code == 5
    toy = building.toy
    assert toy.published.read_bytes() == before
    for run in Warehouse(toy.home).runs()[:-1]:
        assert run.record["error"] == "interrupted"
        assert run.record["exit_code"] == 5
        assert not run.marts_file.exists()


def assert_builds_again(building: Building) -> None:
    """Nothing of the stopped build is in the way."""
    result = building.toy.build()
    assert result.exit_code == 0, result.output
    assert not list(building.toy.home.glob(".marts-*"))


@pytest.mark.parametrize("sent", BOTH)
def test_while_dbt_reads_the_project(building: Building, sent: signal.Signals) -> None:
    before = building.toy.published.read_bytes()
    building.write("models/intermediate/int_endless.sql", f"{LONG_LOOP} select 1 as one")
    building.start()
    building.await_step("read the project")
    building.send(sent)
    assert_stopped(building, before)


@pytest.mark.parametrize("sent", BOTH)
def test_while_the_landing_is_loaded(building: Building, sent: signal.Signals) -> None:
    before = building.toy.published.read_bytes()
    building.write(
        "macros/load_landing.sql",
        "{% macro load_landing(from_scratch=false, careful_files=[]) %}"
        "{% do log('loads', info=true) %}"
        f"{{% do run_query('{ENDLESS}') %}}{{% endmacro %}}",
    )
    building.start()
    building.await_step("load the landing")
    building.await_log("loads")
    building.send(sent)
    assert_stopped(building, before)


@pytest.mark.parametrize("step", first_of("validate the landing", "validate the marts"))
def test_while_it_is_validated(building: Building, step: str) -> None:
    before = building.toy.published.read_bytes()
    building.start()
    if step == "validate the marts":
        building.await_step("build and test")
    building.freeze_validation()
    building.await_step(step)
    building.send(signal.SIGTERM)
    assert_stopped(building, before)
    assert_builds_again(building)


@pytest.mark.parametrize("sent", BOTH)
def test_while_a_model_is_computed(building: Building, sent: signal.Signals) -> None:
    before = building.toy.published.read_bytes()
    building.write("models/intermediate/int_endless.sql", ENDLESS)
    building.start()
    building.await_step("build and test")
    building.await_log("START sql table model intermediate.int_endless")
    building.send(sent)
    assert_stopped(building, before)
    assert_builds_again(building)


def test_while_rules_are_checked(building: Building) -> None:
    before = building.toy.published.read_bytes()
    begun = "{% if execute %}{% do log('is checked', info=true) %}{% endif %}"
    rules = {"it never ends": f"{begun} ({ENDLESS}) <> 7"}
    rule = {"keeps_its_rules": {"arguments": {"rules": rules}}}
    building.write("models/intermediate/int_one.sql", "select 1 as one")
    building.write(
        "models/intermediate/int_one.yml",
        json.dumps({"models": [{"name": "int_one", "data_tests": [rule]}]}),
    )
    building.start()
    building.await_log("is checked")
    building.send(signal.SIGTERM)
    assert_stopped(building, before)
    assert_builds_again(building)


def test_a_query_that_begins_after_the_signal(building: Building) -> None:
    """The interruption of the moment finds nothing to interrupt; a later one must."""
    before = building.toy.published.read_bytes()
    begun = "{% if execute %}{% do log('has begun', info=true) %}" + SHORT_LOOP + "{% endif %}"
    building.write("models/intermediate/int_endless.sql", f"{begun} {ENDLESS}")
    building.start()
    building.await_log("has begun")
    building.send(signal.SIGTERM)
    assert_stopped(building, before)


def test_while_the_marts_are_written(building: Building) -> None:
    before = building.toy.published.read_bytes()
    view = "{{ config(materialized='view') }}"
    building.write("models/marts/nps/endless.sql", f"{view} {ENDLESS}")
    building.start()
    building.await_step("write the marts")
    building.send(signal.SIGTERM)
    assert_stopped(building, before)


@pytest.mark.parametrize("name", first_of("dbt.cli.main", "pointworth.run", "typer"))
def test_while_something_is_imported(building: Building, name: str) -> None:
    before = building.toy.published.read_bytes()
    building.start(IN_THE_IMPORT_OF.format(name=name))
    assert_stopped(building, before)


def test_just_before_the_file_is_replaced(building: Building) -> None:
    before = building.toy.published.read_bytes()
    around = {"module": "warehouse", "owner": ".Warehouse", "name": "keep"}
    building.start(AROUND.format(**around, before="pass", after=SIGNAL))
    assert_stopped(building, before)
    assert_builds_again(building)


@pytest.mark.parametrize("name", first_of("log_publication", "prune"))
def test_just_after_the_file_was_replaced_it_counts_as_published(
    building: Building, name: str
) -> None:
    around = {"module": "warehouse", "owner": ".Warehouse", "name": name}
    building.start(AROUND.format(**around, before=SIGNAL, after="pass"))
    exit_code, said, complained = building.ended()
    assert (exit_code, complained) == (0, "")
    assert "Published" in said
    warehouse = Warehouse(building.toy.home)
    assert warehouse.published_run() == warehouse.logged_run() == warehouse.runs()[0]
    assert warehouse.runs()[0].record["outcome"] == "published"


def test_where_nothing_can_be_interrupted_the_process_is_ended(building: Building) -> None:
    before = building.toy.published.read_bytes()
    building.start_stuck(str(stopping.PATIENCE_SECONDS))
    building.send(signal.SIGINT)
    assert_stopped(building, before)
    assert_builds_again(building)
    assert stopping.PATIENCE_SECONDS < 5


def test_a_second_signal_ends_it_at_once(building: Building) -> None:
    before = building.toy.published.read_bytes()
    building.start_stuck("float('inf')")
    building.send(signal.SIGINT)
    assert building.process is not None
    with pytest.raises(subprocess.TimeoutExpired):
        building.process.wait(timeout=2 * stopping.ONE_SIGNAL_SECONDS)
    building.send(signal.SIGINT)
    assert_stopped(building, before)


def test_a_build_that_is_killed_takes_its_validation_with_it(building: Building) -> None:
    building.write("models/intermediate/int_endless.sql", ENDLESS)
    building.start()
    building.await_log("START sql table model intermediate.int_endless")
    building.send(signal.SIGKILL)
    assert building.ended()[0] == -signal.SIGKILL
    record = Warehouse(building.toy.home).runs()[0].record
    assert record["outcome"] == "running"
    assert record["steps"][-1] == {"name": "build and test", "seconds": None}
    assert "ended at: build and test" in building.toy.run("status").output
    assert_builds_again(building)


def test_other_commands_stop_too(building: Building) -> None:
    query = f"import sys; sys.argv = ['pointworth', 'query', {ENDLESS!r}, '--home', sys.argv[1]]"
    marker = "import pointworth.asking.query as q; o = q.connected; q.connected = lambda *a, **k: "
    shown = "(print('asks', flush=True), o(*a, **k))[1]"
    code = f"{query}\n{PATIENT}\n{marker}{shown}\n{MAIN}"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(building.toy.home)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), MARK: building.mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    building.process = process
    assert process.stdout is not None
    assert process.stdout.readline() == "asks\n"
    building.send(signal.SIGINT)
    exit_code, _, complained = building.ended()
    assert (exit_code, complained.strip()) == (5, stopping.SENTENCE)
