"""A landing that would be published again as it is published is not built again."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, Toy, aim_at_toy_project
from pointworth.publish import write_marts
from pointworth.validation.worker import Validator
from pointworth.warehouse import Run, Warehouse


@pytest.fixture
def just_built(toy: Toy) -> Toy:
    """A toy warehouse whose landing is what is published, as the build has left it."""
    result = toy.build()
    assert result.exit_code == 0, result.output
    return toy


@pytest.fixture(scope="module")
def once_built(
    toy_project: Path, shared_validator: Validator, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Toy, Path]:
    """The same, built once, and a copy to bring it back from: its place is part of what it is."""
    toy = Toy(tmp_path_factory.mktemp("unchanged") / "toy")
    toy.folder.mkdir()
    toy.answers()
    with pytest.MonkeyPatch.context() as monkeypatch:
        aim_at_toy_project(toy_project, shared_validator, monkeypatch)
        result = toy.build()
    assert result.exit_code == 0, result.output
    copy = toy.folder.with_name("copy")
    shutil.copytree(toy.folder, copy)
    return toy, copy


@pytest.fixture
def built_toy(once_built: tuple[Toy, Path], on_toy_project: None) -> Toy:
    """A toy warehouse whose landing is what is published."""
    toy, copy = once_built
    shutil.rmtree(toy.folder)
    shutil.copytree(copy, toy.folder)
    return toy


def runs(toy: Toy) -> list[Run]:
    return Warehouse(toy.home).runs()


def assert_unchanged(toy: Toy, *options: str) -> None:
    """The build says so, and leaves everything as it was."""
    before, kept = toy.published.stat(), runs(toy)
    result = toy.build(*options)
    assert result.exit_code == 0, result.output
    assert result.output == (
        f"Nothing has changed since run {kept[0].name}: {toy.published} stays as it is.\n"
    )
    after = toy.published.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert runs(toy) == kept


def assert_built(toy: Toy, *options: str) -> str:
    """The build does all of its work, and publishes; returns what it said."""
    before = len(runs(toy))
    result = toy.build(*options)
    assert result.exit_code == 0, result.output
    assert "Published" in result.output
    assert len(runs(toy)) == before + 1
    return result.output


def test_the_same_landing_is_not_built_again(just_built: Toy) -> None:
    assert_unchanged(just_built)
    assert_unchanged(just_built, "--threads", "1", "--memory-limit", "1GB")


def test_files_written_again_as_they_were_are_the_same_landing(just_built: Toy) -> None:
    just_built.answers()
    assert_unchanged(just_built)
    os.utime(just_built.landing / "survey_responses.csv", (1, 1))
    assert_unchanged(just_built)


def replace_a_score(toy: Toy) -> None:
    """The same size and time as before: only the content, and what nobody can set, tell."""
    file = toy.landing / "survey_responses.csv"
    before = file.stat()
    file.write_text(file.read_text("utf-8").replace(",7\n", ",8\n"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


def add_a_dataset(toy: Toy) -> None:
    (toy.landing / "crm_customers.csv").write_text("customer_id,email\nc1,\n", encoding="utf-8")


def set_a_setting(toy: Toy) -> None:
    toy.settings(minimum_responses=20)


def spoil_what_is_published(toy: Toy) -> None:
    """One byte is another one; the size is as it was."""
    toy.published.chmod(0o644)
    with toy.published.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))


def remove_what_is_published(toy: Toy) -> None:
    toy.published.unlink()


def fail_in_between(toy: Toy) -> None:
    (toy.landing / "pointworth.yml").write_text("break_model: true\n", encoding="utf-8")
    assert toy.build().exit_code == 3
    (toy.landing / "pointworth.yml").unlink()


@pytest.mark.parametrize(
    "change",
    [
        replace_a_score,
        add_a_dataset,
        set_a_setting,
        spoil_what_is_published,
        remove_what_is_published,
        fail_in_between,
    ],
)
def test_what_changes_is_built(built_toy: Toy, change: Callable[[Toy], None]) -> None:
    assert_unchanged(built_toy)
    change(built_toy)
    assert_built(built_toy)
    assert_unchanged(built_toy)


@pytest.mark.parametrize("option", [("--full-refresh",), ("--as-of", "2024-01-28")])
def test_what_is_asked_for_is_built(built_toy: Toy, option: tuple[str, ...]) -> None:
    assert_built(built_toy, *option)


def test_what_is_rolled_back_is_built_again(built_toy: Toy) -> None:
    built_toy.answers(rows=90)
    assert_built(built_toy)
    assert built_toy.run("rollback").exit_code == 0
    assert_built(built_toy)


def test_another_project_is_built(
    built_toy: Toy, toy_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(toy_project, project)
    monkeypatch.setenv("POINTWORTH_PROJECT", str(project))
    assert_unchanged(built_toy)
    (project / "macros" / "another.sql").write_text("{% macro another() %}{% endmacro %}")
    assert_built(built_toy)


@pytest.mark.parametrize("is_awaited", [True, False])
def test_the_day_counts_only_where_a_row_waits_for_it(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, is_awaited: bool
) -> None:
    toy.settings(max_rejected_share=0.5)
    day = "2024-01-27" if is_awaited else "2024-01-28"
    monkeypatch.setattr("pointworth.settings.latest_day_anywhere", lambda: day)
    assert_built(toy)
    assert_unchanged(toy)
    monkeypatch.setattr("pointworth.settings.latest_day_anywhere", lambda: "2024-01-29")
    (assert_built if is_awaited else assert_unchanged)(toy)
    assert_unchanged(toy)
    monkeypatch.setattr("pointworth.settings.latest_day_anywhere", lambda: "2024-01-26")
    assert_built(toy)  # a clock that was set back


def test_an_earlier_as_of_date_lets_no_later_day_in(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pointworth.settings.latest_day_anywhere", lambda: "2024-01-27")
    assert_built(toy, "--as-of", "2024-01-20")
    monkeypatch.setattr("pointworth.settings.latest_day_anywhere", lambda: "2024-01-28")
    assert_unchanged(toy, "--as-of", "2024-01-20")


@pytest.mark.parametrize("damage", ["empty", "half", "version", "content", "foreign", "binary"])
def test_a_note_that_is_damaged_is_thrown_away(built_toy: Toy, damage: str) -> None:
    note = built_toy.home / "build" / "published_from.json"
    whole = note.read_text("utf-8")
    damaged = {
        "empty": b"",
        "half": whole[: len(whole) // 2].encode(),
        "version": whole.replace("1 ", "0 ", 1).encode(),
        "content": whole.replace("survey_responses.csv", "survey_responses.CSV").encode(),
        "foreign": json.dumps({"run": "x"}).encode(),
        "binary": b"\xff\xfe\x00",
    }
    note.write_bytes(damaged[damage])
    said = assert_built(built_toy)
    assert f"The note {note} was damaged or of another version: it was thrown away" in said
    assert_unchanged(built_toy)


def test_a_landing_that_is_written_to_during_the_build_is_built_again(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:

    def write_late(*given: object) -> dict[str, int]:
        toy.answers(rows=99)
        return write_marts(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("pointworth.run.steps.write_marts", write_late)
        assert_built(toy)
    assert_built(toy)
    assert_unchanged(toy)


def test_nothing_slow_is_imported_to_see_that_nothing_has_changed(
    built_toy: Toy, toy_project: Path
) -> None:
    code = (
        "import sys\nfrom pointworth.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code\n"
        "slow = {'dbt', 'great_expectations', 'pandas', 'pyarrow', 'numpy', 'sqlalchemy'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    arguments = ["build", "--landing", str(built_toy.landing), "--home", str(built_toy.home)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Nothing has changed since run" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
