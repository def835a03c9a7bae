"""Publication: atomic for readers, kept for rollback, one writer at a time."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from conftest import Toy
from pointworth.copies import hash_of
from pointworth.warehouse import RUNS_KEPT, Run, Warehouse


def responses(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as connection:
        return int(
            connection.execute("select responses from marts.nps_by_segment").fetchall()[0][0]
        )


def test_a_run_publishes_tables_and_records_what_it_did(published_toy: Toy) -> None:
    with duckdb.connect(str(published_toy.published), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name, comment from duckdb_tables()")
        found = {(schema, name): comment for schema, name, comment in tables.fetchall()}
        assert connection.execute(
            "select count(*) from duckdb_views() where not internal"
        ).fetchall()[0] == (0,)
    assert {schema for schema, _ in found} == {"main"}
    assert found["main", "nps_by_segment"] == "One row per segment."
    (run,) = Warehouse(published_toy.home).runs()
    record = run.record
    assert record["outcome"] == "published"
    assert record["exit_code"] == 0
    assert record["as_of"] == "2024-01-28"
    assert record["published"].endswith("/home/marts.duckdb")
    assert record["tests"]["passed"] == 5
    assert record["datasets"] == [
        {
            "dataset": "survey_responses",
            "rows_read": 100,
            "rows_accepted": 100,
            "rows_rejected": 0,
            "difference": 0,
        }
    ]
    assert [step["name"] for step in record["steps"]] == [
        "read the project",
        "load the landing",
        "validate the landing",
        "build and test",
        "write the marts",
        "validate the marts",
        "write the page",
    ]
    assert {"mart": "dim_customers", "why": "no crm_customers in the landing"} in record[
        "empty_marts"
    ]
    assert all(check["is_met"] for check in record["validation"])


def test_a_mart_is_found_with_and_without_the_name_marts(published_toy: Toy) -> None:
    with duckdb.connect(str(published_toy.published), read_only=True) as connection:
        for name in ("nps_by_segment", "marts.nps_by_segment"):
            assert connection.execute(f"select responses from {name}").fetchall() == [(100,)]


def test_the_report_needs_no_network(published_toy: Toy) -> None:
    (run,) = Warehouse(published_toy.home).runs()
    page = run.report_file.read_text(encoding="utf-8")
    assert "survey_responses" in page
    assert "http" not in page
    assert "<script" not in page


def test_a_reader_keeps_the_old_data_and_the_next_one_sees_the_new(published_toy: Toy) -> None:
    reader = duckdb.connect(str(published_toy.published), read_only=True)
    published_toy.answers(rows=90)
    # a reader in another process holds the file too, as BI tools do
    command = (
        "import duckdb, sys\n"
        "reader = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(reader.execute('select responses from nps_by_segment').fetchone()[0])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", command, str(published_toy.published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        assert published_toy.build().exit_code == 0
        assert reader.execute("select responses from marts.nps_by_segment").fetchall() == [(100,)]
        assert other.communicate("\n")[0] == "100\n"
    reader.close()
    assert responses(published_toy.published) == 90


def test_a_second_build_is_refused_while_one_runs(published_toy: Toy) -> None:
    before = published_toy.published.read_bytes()
    with Warehouse(published_toy.home).locked("build"):
        refused = published_toy.build()
        rolled_back = published_toy.run("rollback")
        assert "In use by a build (process" in published_toy.run("status").output
    for result in (refused, rolled_back):
        assert result.exit_code == 4
        assert f"is in use by a build (process {os.getpid()}, since" in result.output
    assert published_toy.published.read_bytes() == before
    assert len(Warehouse(published_toy.home).runs()) == 1


def test_a_rollback_publishes_the_run_before_and_can_be_undone(published_toy: Toy) -> None:
    warehouse = Warehouse(published_toy.home)
    (first,) = warehouse.runs()
    published_toy.answers(rows=90)
    assert published_toy.build().exit_code == 0
    second = warehouse.runs()[0]

    assert published_toy.run("rollback").exit_code == 0
    assert responses(published_toy.published) == 100
    assert warehouse.published_run() == first
    assert [entry["action"] for entry in warehouse.publications()] == ["rollback", "build", "build"]
    assert published_toy.run("rollback").exit_code == 1, "nothing before the first"

    assert published_toy.run("rollback", second.name).exit_code == 0
    assert responses(published_toy.published) == 90
    again = published_toy.run("rollback", second.name)
    assert again.exit_code == 2
    assert "published already" in again.output
    unknown = published_toy.run("rollback", "20000101T000000Z")
    assert unknown.exit_code == 2
    assert f"kept are {second.name}, {first.name}" in unknown.output
    assert not list(published_toy.home.glob(".marts-*"))


def test_the_last_runs_are_kept_and_the_published_one_always(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    for day in range(1, 10):
        run = Run(warehouse.runs_folder / f"202401{day:02d}T000000Z")
        run.folder.mkdir(parents=True)
        run.marts_file.write_text(f"{'x' * day}")
        run.write_record({"outcome": "published", "marts_sha256": hash_of(run.marts_file)})
    shutil.copy(warehouse.runs()[-1].marts_file, warehouse.marts_file)
    warehouse.prune()
    kept = [run.name[:8] for run in warehouse.runs()]
    assert kept == ["20240109", "20240108", "20240107", "20240106", "20240105", "20240101"]
    assert len(kept) == RUNS_KEPT + 1


def test_a_run_left_by_a_killed_process_is_cleared(published_toy: Toy) -> None:
    (published_toy.home / ".marts-20200101T000000Z.duckdb").write_text("half a file")
    assert published_toy.build().exit_code == 0
    assert not list(published_toy.home.glob(".marts-*"))


def test_status_tells_what_is_published(published_toy: Toy) -> None:
    result = published_toy.run("status")
    assert result.exit_code == 0
    assert "published, current" in result.output
    publication = json.loads((published_toy.home / "publications.jsonl").read_text())
    assert publication["action"] == "build"


def spoil(file: Path) -> None:
    """Change a file that nobody may write to, as root or its owner can."""
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update nps_by_segment set responses = 7")


@pytest.mark.parametrize("can_clone", [True, False])
def test_what_is_kept_is_another_file_than_what_is_published(
    published_toy: Toy, monkeypatch: pytest.MonkeyPatch, can_clone: bool
) -> None:
    if not can_clone:
        monkeypatch.setattr("pointworth.copies._clone", lambda *_: False)
    assert published_toy.build().exit_code == 0
    warehouse = Warehouse(published_toy.home)
    run = warehouse.runs()[0]
    assert not run.marts_file.samefile(warehouse.marts_file)
    for file in (run.marts_file, warehouse.marts_file):
        assert not file.stat().st_mode & 0o222
        assert hash_of(file) == run.record["marts_sha256"]


def test_a_published_file_that_was_changed_is_named_and_brought_back(published_toy: Toy) -> None:
    warehouse = Warehouse(published_toy.home)
    (run,) = warehouse.runs()
    spoil(warehouse.marts_file)
    status = published_toy.run("status").output
    assert f"it was changed since run {run.name} published it" in status
    assert "published, current" not in status
    assert published_toy.run("rollback", run.name).exit_code == 0
    assert responses(published_toy.published) == 100
    assert warehouse.published_run() == run


def test_a_kept_file_that_was_changed_is_not_published_again(published_toy: Toy) -> None:
    warehouse = Warehouse(published_toy.home)
    (first,) = warehouse.runs()
    assert published_toy.build().exit_code == 0
    before = published_toy.published.read_bytes()
    spoil(first.marts_file)
    result = published_toy.run("rollback")
    assert result.exit_code == 3
    assert "was changed since run" in result.output
    assert published_toy.published.read_bytes() == before
    assert not list(published_toy.home.glob(".marts-*"))


def test_a_line_of_the_log_that_was_cut_off(published_toy: Toy) -> None:
    log = published_toy.home / "publications.jsonl"
    whole = log.read_text()
    log.write_text(whole + whole[: len(whole) // 2])
    status = published_toy.run("status")
    assert status.exit_code == 0, status.output
    (run,) = Warehouse(published_toy.home).runs()
    assert f"run {run.name}, by build" in status.output
    assert published_toy.build().exit_code == 0
    assert [entry["run"] for entry in Warehouse(published_toy.home).publications()] == [
        each.name for each in Warehouse(published_toy.home).runs()
    ]


@pytest.mark.parametrize("content", ["", "{", "[1]", "\xff"])
def test_a_record_that_was_cut_off(published_toy: Toy, content: str) -> None:
    (run,) = Warehouse(published_toy.home).runs()
    run.record_file.write_bytes(content.encode("latin-1"))
    status = published_toy.run("status")
    assert status.exit_code == 0, status.output
    assert run.name in status.output


def test_what_earlier_versions_published_is_known_by_the_log(published_toy: Toy) -> None:
    warehouse = Warehouse(published_toy.home)
    (run,) = warehouse.runs()
    run.write_record({**run.record, "marts_sha256": None})
    record = run.record
    del record["marts_sha256"]
    run.write_record(record)
    assert warehouse.published_run() == run
    assert "published, current" in published_toy.run("status").output
