"""A project that was read once is not read again, whatever the home, the landing and the day."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Toy
from pointworth.dbt_project.kept import RUN_TIME, KeptProject
from pointworth.dbt_project.read_ahead import read_ahead
from pointworth.dbt_project.runner import DbtProject
from pointworth.engines import DuckDb
from pointworth.project import find_project, project_variables
from pointworth.settings import Settings
from pointworth.warehouse import Warehouse
from proofs import first_of


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("POINTWORTH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The settings with which dbt has read a project so far."""
    seen: list[dict[str, Any]] = []
    read = DbtProject._read

    def note(self: DbtProject, variables: dict[str, Any]) -> Any:
        seen.append(variables)
        return read(self, variables)

    monkeypatch.setattr(DbtProject, "_read", note)
    return seen


def another_home(toy: Toy, name: str) -> Toy:
    """A toy warehouse in another place, with a landing of its own."""
    other = Toy(toy.folder / name)
    other.folder.mkdir()
    other.answers()
    return other


def built(toy: Toy, *options: str) -> str:
    result = toy.build(*options)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_new_home_does_not_read_the_project_again(
    toy: Toy, cache: Path, readings: list[dict[str, Any]]
) -> None:
    built(toy)
    assert len(readings) == 1
    other = another_home(toy, "other")
    built(other, "--as-of", "2024-01-20", "--max-rejected-share", "0.5")
    (run,) = Warehouse(other.home).runs()
    assert run.record["as_of"] == "2024-01-20"
    assert run.record["landing"] == str(other.landing)
    assert run.record["tests"] == Warehouse(toy.home).runs()[0].record["tests"]
    assert len(readings) == 1


def test_what_was_read_ahead_serves_whoever_sets_nothing_or_what_is_set_anyway(
    toy: Toy, cache: Path, readings: list[dict[str, Any]]
) -> None:
    read_ahead()
    assert readings == [{}]
    built(toy)
    toy.settings(churn_basis=project_variables(find_project())["churn_basis"])
    built(toy)
    assert readings == [{}]


def test_another_setting_or_file_is_read(
    toy: Toy,
    cache: Path,
    readings: list[dict[str, Any]],
    toy_project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = toy.folder / "project"
    shutil.copytree(toy_project, project)
    monkeypatch.setenv("POINTWORTH_PROJECT", str(project))
    built(toy)
    toy.settings(minimum_responses=20)
    built(toy)
    assert len(readings) == 2
    assert readings[1] == {"minimum_responses": 20}
    model = project / "models" / "marts" / "nps" / "nps_by_segment.sql"
    model.write_text(model.read_text("utf-8").replace("100.0 *", "10.0 *"), encoding="utf-8")
    built(toy)
    assert len(readings) == 3


@pytest.mark.parametrize("damage", first_of("one byte", "empty", "half", "version", "foreign"))
def test_a_kept_project_that_is_damaged_is_thrown_away(
    toy: Toy, cache: Path, readings: list[dict[str, Any]], damage: str
) -> None:
    built(toy)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(
        {
            "empty": b"",
            "half": whole[: len(whole) // 2],
            "version": whole.replace(b"project 1\n", b"project 0\n", 1),
            "one byte": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
            "foreign": b"\x80\x04]\x94.",
        }[damage]
    )
    other = another_home(toy, "other")
    said = built(other)
    assert f"The kept project {kept} was damaged or of another version" in said
    assert len(readings) == 2
    assert kept.read_bytes()[:20] == whole[:20]
    assert "damaged" not in built(another_home(toy, "third"))
    assert len(readings) == 2


def test_where_nothing_can_be_kept_the_project_is_read(
    toy: Toy, readings: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (toy.folder / "file").write_text("no folder")
    monkeypatch.setenv("POINTWORTH_CACHE", str(toy.folder / "file" / "cache"))
    built(toy)
    built(another_home(toy, "other"))
    assert len(readings) == 2


def test_the_projects_used_last_are_kept(cache: Path) -> None:
    class Manifest:
        def to_msgpack(self, encoder: object) -> bytes:
            return b"whole"

    for number in range(12):
        KeptProject(ROOT, "duckdb", {"rolling_days": number}).keep(Manifest())
    kept = [
        KeptProject(ROOT, "duckdb", {"rolling_days": number}).file.is_file() for number in range(12)
    ]
    assert kept[-1]
    assert sum(kept) == len(list(cache.iterdir())) == 8


@pytest.mark.slow
def test_what_a_run_decides_changes_nothing_that_is_kept(cache: Path, tmp_path: Path) -> None:
    """As dbt reads the real project with these settings, so it reads it without them."""
    given = {
        "landing": "/somewhere/else",
        "landing_is_loaded": True,
        "left_out": ["nps_by_segment"],
        "rules_at_the_end": True,
        "this_run": {"name": "20240120T000000Z", "facts": [["run", "run", "20240120T000000Z", ""]]},
        "as_of_date": "2024-01-20",
        "not_after": "2024-01-21",
        "max_rejected_share": {"default": 0.5},
        "max_shrunk_share": 0.5,
    }
    assert given.keys() == RUN_TIME <= project_variables(ROOT).keys()
    nodes = []
    for name, variables in (("with", given), ("without", {})):
        warehouse = Warehouse(tmp_path / name)
        settings = Settings(tmp_path)
        run = warehouse.start_run()
        engine = DuckDb(warehouse, run, settings)
        manifest = DbtProject(ROOT, warehouse, run, settings, engine)._read(variables)
        nodes.append(
            {
                kind: {
                    key: {
                        field: value
                        for field, value in node.to_dict().items()
                        if field != "created_at"
                    }
                    for key, node in getattr(manifest, kind).items()
                }
                for kind in ("nodes", "sources", "macros")
            }
        )
    assert nodes[0] == nodes[1]
