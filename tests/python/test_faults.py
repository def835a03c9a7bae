"""Whatever fails: the published file stays as it was, byte for byte, and a sentence says why."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import Result

from conftest import Toy
from pointworth.run import steps as building
from pointworth.settings import Settings
from pointworth.validation.suites import Suite, query_rule
from pointworth.warehouse import Warehouse


def assert_untouched(toy: Toy, before: bytes, result: Result, exit_code: int, *words: str) -> None:
    """The failure was told in one sentence, recorded, and left the published file alone."""
    assert result.exit_code == exit_code, result.output
    for word in words:
        assert word in result.output
    assert "Traceback" not in result.output
    assert toy.published.read_bytes() == before
    assert not list(toy.home.glob(".marts-*"))
    record = Warehouse(toy.home).runs()[0].record
    assert record["outcome"] == "failed"
    assert record["exit_code"] == exit_code
    assert record["published"] is None


def test_a_missing_column_is_a_breach_of_the_contract(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    path = published_toy.landing / "survey_responses.csv"
    path.write_text(path.read_text().replace("score", "points"))
    result = published_toy.build()
    assert result.exit_code == 2
    assert "lacks the required column score: add it" in result.output
    assert published_toy.published.read_bytes() == before
    assert len(Warehouse(published_toy.home).runs()) == 1, "no run is begun"


def test_a_column_that_is_not_what_it_claims_to_be(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    path = published_toy.landing / "survey_responses.csv"
    path.write_text(re.sub("^r[0-9]+,", "r,", path.read_text(), flags=re.MULTILINE))
    result = published_toy.build()
    assert_untouched(
        published_toy,
        before,
        result,
        3,
        "did not pass validation",
        "response_id tell most rows apart",
    )


def test_a_failing_data_test_names_itself(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    published_toy.settings(break_test=True)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "answers have a key", "report.html")
    assert "answers_have_a_key" not in result.output


def test_a_table_that_breaks_a_rule_names_that_rule_alone(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    published_toy.settings(break_rule=True)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "fct_survey_responses: texts are redacted (")
    assert "scores are known" not in result.output
    assert "same key" not in result.output


def test_a_table_that_refers_to_nothing_is_named(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    published_toy.settings(break_reference=True)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "customer_id names what is there (rows")


def test_rules_that_nobody_checked_do_not_hold(
    published_toy: Toy, toy_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published_toy.published.read_bytes()
    project = tmp_path / "project"
    shutil.copytree(toy_project, project)
    settings = project / "dbt_project.yml"
    settings.write_text(settings.read_text().replace("check_rules(results)", "''"))
    monkeypatch.setenv("POINTWORTH_PROJECT", str(project))
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "fct_survey_responses: no two rows have")


def test_a_failing_model_names_itself(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    published_toy.settings(break_model=True)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "dim_customers could not be computed")
    assert "not_a_column" not in result.output


def test_too_many_rejected_rows_show_their_reasons(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    path = published_toy.landing / "survey_responses.csv"
    path.write_text(path.read_text() + "".join(f"x{n},,2024-01-01,99\n" for n in range(20)))
    result = published_toy.build()
    assert_untouched(
        published_toy, before, result, 3, "survey_responses 20 of 120 (16.7%", "score_out_of_range"
    )
    assert "rejected_share_is_acceptable" not in result.output
    assert published_toy.build("--max-rejected-share", "0.5").exit_code == 0


def test_marts_that_break_their_promise_are_not_published(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    published_toy.settings(spoil_interval=True)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "nps lies within lower and upper")


def test_personal_data_in_a_mart_is_not_published(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    published_toy.settings(leak_email=True)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "verbatim holds no e-mail address in clear")


@pytest.mark.parametrize(
    "step",
    ["write_marts", "engine_types", "headline_figures", "write_report"],
)
def test_a_disk_that_fills_up_at_any_step(
    published_toy: Toy, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = published_toy.published.read_bytes()
    monkeypatch.setattr(building, step, fail)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 2, "is full: free some space")


def test_a_replacement_that_fails_takes_the_record_back(
    published_toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    before = published_toy.published.read_bytes()
    monkeypatch.setattr(Warehouse, "replace_published", refuse)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 2, "mend its permissions")
    assert (
        len([run for run in Warehouse(published_toy.home).runs() if run.marts_file.exists()]) == 1
    )


def test_what_nobody_foresaw_is_one_sentence_too(
    published_toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    before = published_toy.published.read_bytes()
    monkeypatch.setattr(building, "headline_figures", fail)
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 1, "nobody foresaw (ZeroDivisionError")
    assert "Traceback" in (Warehouse(published_toy.home).runs()[0].folder / "error.txt").read_text()


def test_a_rule_that_cannot_be_evaluated_is_not_met(
    published_toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = query_rule("nonsense", "select no_such_column from {batch}")
    monkeypatch.setattr(
        "pointworth.validation.suites.landing_suites",
        lambda *_: [Suite("landing", "survey_responses", (rule,))],
    )
    before = published_toy.published.read_bytes()
    result = published_toy.build()
    assert_untouched(published_toy, before, result, 3, "survey_responses: nonsense")


def test_a_home_that_cannot_be_written(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.home.parent.joinpath("home").write_text("a file where the folder should be")
    result = toy.build()
    assert result.exit_code == 2
    assert "home" in result.output
    assert "Traceback" not in result.output


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_is_really_full(published_toy: Toy, small_disk: Path) -> None:
    home = small_disk / "home"
    shutil.copytree(published_toy.home, home)
    toy = Toy(published_toy.folder)
    before = (home / "marts.duckdb").read_bytes()
    with (small_disk / "filler").open("wb") as filler:
        try:
            while True:
                filler.write(b"\0" * 65536)
                filler.flush()
        except OSError:
            pass
    from typer.testing import CliRunner

    from pointworth.cli import app

    arguments = ["build", "--landing", str(toy.landing), "--home", str(home)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "is full: free some space and run again" in result.output
    assert (home / "marts.duckdb").read_bytes() == before
    (small_disk / "filler").unlink()
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output


def test_a_disk_mounted_read_only(published_toy: Toy, small_disk: Path) -> None:
    home = small_disk / "home"
    shutil.copytree(published_toy.home, home)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    from typer.testing import CliRunner

    from pointworth.cli import app

    arguments = ["--home", str(home)]
    built = CliRunner().invoke(app, ["build", "--landing", str(published_toy.landing), *arguments])
    assert built.exit_code == 2
    assert "may not be written" in built.output
    queried = CliRunner().invoke(
        app, ["query", "select responses from nps_by_segment", "--format", "csv", *arguments]
    )
    assert queried.output == "responses\n100\n"


def test_a_build_larger_than_its_memory_spills_and_ends_well(
    toy: Toy, toy_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    shutil.copytree(toy_project, project)
    models = project / "models" / "intermediate"
    (models / "int_large.sql").write_text(
        "select md5(cast(range as varchar)) as large, count(*) as rows_alike "
        "from range(2000000) group by 1\n",
        encoding="utf-8",
    )
    (models / "int_behind_it.sql").write_text(
        "select count(distinct large) as larges from {{ ref('int_large') }}\n", encoding="utf-8"
    )
    monkeypatch.setenv("POINTWORTH_PROJECT", str(project))
    result = toy.build("--memory-limit", "60MB")
    assert result.exit_code == 0, result.output
    with duckdb.connect(str(Warehouse(toy.home).build_file), read_only=True) as connection:
        found = connection.execute("select larges from intermediate.int_behind_it").fetchall()
    assert found == [(2_000_000,)]


@pytest.mark.parametrize(("limit", "spills_at"), [("8GB", "5.9 GiB"), ("1.5 GiB", "1.1 GiB")])
def test_what_duckdb_does_not_count_is_held_back_from_it(
    limit: str, spills_at: str, tmp_path: Path
) -> None:
    told = Settings(tmp_path, memory_limit=limit).memory_of_duckdb
    with duckdb.connect(config={"memory_limit": told}) as connection:
        found = connection.execute("select current_setting('memory_limit')").fetchall()
    assert found == [(spills_at,)]
