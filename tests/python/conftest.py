"""Fixtures: a toy warehouse for tests of the machinery."""

import glob
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pointworth.dbt_project.kept import CACHE_VARIABLE, KeptProject
from pointworth.validation.worker import Validator, validator
from processes import SUITE_MARK, assert_none_left, end_shared_processes
from toy_project import write_toy_project
from worlds import project_as_read

ROOT = Path(__file__).parents[2]

# Workers of the suite that each calculate on all cores wait for each other, and not by sleeping.
os.environ["OMP_NUM_THREADS"] = "1"
# Sentences are looked for in what is printed: no cell of a table may be folded.
os.environ["COLUMNS"] = "160"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case without its bytes, which may hold the clock: workers must agree on names."""
    return argname if isinstance(val, bytes) else None


#: Files that take longest come first, so that both workers end together; what is built once for
#: several of them is built by one worker while the other is at something else.
LONGEST = (
    *("test_dbt_unit_tests", "test_stopping", "test_odd_keys_and_signs", "test_landing_dirt"),
    *("test_metrics", "test_unchanged", "test_oracle_change", "test_dates", "test_explain"),
    *("test_guards", "test_faults", "test_truth_risk", "test_watch", "test_oracle_churn"),
    *("test_pipeline", "test_oracle_actions", "test_oracle_point", "test_kept_project"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they come."""
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


#: Programs that no wheel brings, where they are looked for, and how Debian calls them.
PROGRAMS = {
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb", "initdb"),
    "chromium": ("/usr/bin/chromium", "chromium"),
    "openjdk-17-jre-headless": ("/usr/lib/jvm/*/bin/java", "java"),
}


def pytest_report_header() -> str | None:
    """One line that names the programs whose tests will skip."""
    missing = [
        package
        for package, (pattern, name) in PROGRAMS.items()
        if not (glob.glob(pattern) or shutil.which(name))
    ]
    return f"not installed, so their tests skip: {', '.join(missing)}" if missing else None


@dataclass
class Toy:
    """A home and a landing of a hundred answers for the toy project."""

    folder: Path

    @property
    def home(self) -> Path:
        """The warehouse."""
        return self.folder / "home"

    @property
    def landing(self) -> Path:
        """The extracts."""
        return self.folder / "landing"

    @property
    def published(self) -> Path:
        """What readers open."""
        return self.home / "marts.duckdb"

    def answers(self, rows: int = 100, score: str | None = None) -> None:
        """Write so many answers, all with one score if given."""
        self.landing.mkdir(exist_ok=True)
        lines = [
            f"r{row},c{row},2024-01-{row % 28 + 1:02d}T10:00:00Z,{score or row % 11}"
            for row in range(rows)
        ]
        text = "\n".join(["response_id,customer_id,responded_at,score", *lines, ""])
        (self.landing / "survey_responses.csv").write_text(text, encoding="utf-8")

    def settings(self, **values: object) -> None:
        """Write the landing's own settings."""
        text = "".join(f"{name}: {str(value).lower()}\n" for name, value in values.items())
        (self.landing / "pointworth.yml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Result:
        """Run a command as a user does, in this process."""
        from pointworth.cli import app

        result = CliRunner().invoke(app, [*arguments, "--home", str(self.home)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def build(self, *options: str) -> Result:
        """Build the landing."""
        return self.run("build", "--landing", str(self.landing), *options)


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left() -> Iterator[None]:
    """Whatever a test starts has ended when the suite does."""
    mark = str(uuid.uuid4())
    os.environ[SUITE_MARK] = mark
    yield
    end_shared_processes()
    assert_none_left(mark, SUITE_MARK)


@pytest.fixture(scope="session", autouse=True)
def kept_projects(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Projects are kept for this run of the suite, by all of its workers together; the one that was
    read when the environment was set up is among them."""
    base = tmp_path_factory.getbasetemp()
    here = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    at_setup = KeptProject(ROOT, "duckdb", {}).file
    os.environ[CACHE_VARIABLE] = str(here / "kept_projects")
    if at_setup.is_file():
        kept = KeptProject(ROOT, "duckdb", {}).file
        kept.parent.mkdir(exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        shutil.copy2(at_setup, draft)
        draft.replace(kept)


@pytest.fixture(scope="session")
def shared_validator(
    no_process_is_left: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Validator]:
    """One Great Expectations process for all tests of a session."""
    with validator("2GB", tmp_path_factory.mktemp("validator")) as shared:
        yield shared


@pytest.fixture(scope="session")
def manifest() -> Any:
    """The project as dbt reads it."""
    return project_as_read()


@pytest.fixture(scope="session")
def toy_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy project on disk."""
    folder = tmp_path_factory.mktemp("toy_project")
    write_toy_project(folder, ROOT / "profiles.yml")
    return folder


@pytest.fixture
def on_toy_project(
    toy_project: Path, shared_validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aim every command at the toy project."""
    aim_at_toy_project(toy_project, shared_validator, monkeypatch)


@pytest.fixture
def toy(on_toy_project: None, tmp_path: Path) -> Toy:
    """A fresh home, a landing of a hundred answers, nothing built."""
    warehouse = Toy(tmp_path)
    warehouse.answers()
    return warehouse


@pytest.fixture(scope="session")
def first_run(
    toy_project: Path,
    shared_validator: Validator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A home with one published run, built once for all tests, to be copied."""
    warehouse = Toy(tmp_path_factory.mktemp("first_run"))
    warehouse.answers()
    with pytest.MonkeyPatch.context() as monkeypatch:
        aim_at_toy_project(toy_project, shared_validator, monkeypatch)
        result = warehouse.build()
    assert result.exit_code == 0, result.output
    return warehouse.home


@pytest.fixture
def published_toy(toy: Toy, first_run: Path) -> Toy:
    """A toy warehouse with one published run."""
    shutil.copytree(first_run, toy.home)
    return toy


def aim_at_toy_project(project: Path, shared: Validator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the toy project, a wide terminal, and the validator that is running already."""
    monkeypatch.setenv("POINTWORTH_PROJECT", str(project))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("pointworth.run.steps.validator", lambda *limits: nullcontext(shared))
