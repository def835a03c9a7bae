"""The bench measures what it says: contenders agree with the marts, readers are not disturbed."""

import os
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from benchmarks import results
from benchmarks.agreement import HEADLINES, differences, marts_of
from benchmarks.contenders import handwritten, pointworth_build, with_pandas, with_polars
from benchmarks.headline_sql import CHECKS
from benchmarks.landings import LAST_DAY, LINES, lay_out_by_day, write_answers, write_landing
from benchmarks.measure import CommandError, measured, size_of
from benchmarks.readers import QUERIES, Answered, publish_again, publish_while_read, summary
from benchmarks.scaling import scale
from benchmarks.shapes import by_clients, tiny, unchanged

from pointworth.warehouse import Warehouse
from pointworth_worlds import simulate
from worlds import World, credit, operator, project_as_read

CONTENDERS = {"SQL": handwritten.main, "pandas": with_pandas.main, "polars": with_polars.main}


@pytest.fixture(scope="module", params=[operator, credit], ids=lambda world: world.__name__)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Quarterly bills and several respondents; several currencies, clients and contacts."""
    made: World = request.param(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def marts(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The headlines as Pointworth has them."""
    folder = tmp_path_factory.mktemp("marts")
    marts_of(world.file, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("contender", CONTENDERS)
def test_a_contender_says_what_the_marts_say(
    world: World, marts: Path, contender: str, tmp_path: Path
) -> None:
    main: Callable[[str, str], None] = CONTENDERS[contender]
    main(str(world.landing), str(tmp_path))
    assert not differences(marts, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("responses: responses + 1", "nps_by_segment.responses: 1 of "),
        ("nps: nps * 1.00001", "nps_by_segment.nps: 1 of "),
        ("lower: null", "nps_by_segment.lower: 1 of "),
        ("segment_value: 'elsewhere'", "nps_by_segment: 1 rows missing, 1 too many"),
    ],
)
def test_a_contender_that_says_otherwise_is_found_out(
    marts: Path, change: str, complaint: str, tmp_path: Path
) -> None:
    for headline in HEADLINES:
        shutil.copy(marts / f"{headline.mart}.parquet", tmp_path)
    column, value = change.split(": ")
    one = "period_grain = 'all_time' and segment_dimension = 'all' and survey_kind = 'relational'"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (case when {one} then {value} else {column} end as {column}) "
            f"from '{marts}/nps_by_segment.parquet') to '{tmp_path}/nps_by_segment.parquet'"
        )
    (found,) = differences(marts, tmp_path)
    assert found.startswith(complaint)


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory,
) -> Warehouse:
    """A warehouse published from the operator's build file."""
    home = Warehouse(tmp_path_factory.mktemp("read") / "home")
    home.build_folder.mkdir(parents=True)
    shutil.copy(operator(tmp_path_factory).file, home.build_file)
    publish_again(home)
    return home


@pytest.mark.slow
def test_readers_see_no_publication(warehouse: Warehouse) -> None:
    answers = publish_while_read(warehouse, readers=4, publications=2, pause=0.5)
    assert [answer.error for answer in answers if answer.error] == []
    assert {answer.query for answer in answers} == set(QUERIES)
    assert len({answer.file for answer in answers}) > 1
    assert not list(warehouse.home.glob(".marts-*"))


@pytest.mark.slow
def test_readers_notice_another_answer(warehouse: Warehouse) -> None:
    before = warehouse.build_file.read_bytes()
    with duckdb.connect(str(warehouse.build_file)) as connection:
        connection.execute("update marts.nps_by_segment set nps = nps + 1")
    try:
        answers = publish_while_read(warehouse, readers=2, publications=1, pause=1.0)
    finally:
        warehouse.build_file.write_bytes(before)
        publish_again(warehouse)
    assert {answer.query for answer in answers if answer.error} == {"a trend", "a breakdown"}


def test_latencies_are_summed_up() -> None:
    answers = [Answered("a trend", at / 1000, at % 2) for at in range(1, 101)]
    answers.append(Answered("a trend", 0.5, 2, "no such file"))
    assert summary(answers, 10.0) == {
        **{"queries": 101, "errors": 1, "files_read": 3, "queries_per_second": 10.1},
        **{"p50": 51.0, "p95": 96.0, "p99": 100.0, "max": 500.0},
    }


def test_a_landing_by_day_holds_every_row_once(tmp_path: Path) -> None:
    simulate("consumer_carrier", tmp_path / "whole", customers=300)
    lay_out_by_day(tmp_path / "whole", tmp_path / "days", LAST_DAY - timedelta(days=1))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "days").rglob("*.parquet")}
    arrived = lay_out_by_day(tmp_path / "whole", tmp_path / "days", LAST_DAY)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "days").rglob("*.parquet")}
    assert before.items() <= after.items()
    assert {path.name for path in after.keys() - before.keys()} == {f"{LAST_DAY}.parquet"}
    assert arrived[LINES] > 0
    with duckdb.connect() as connection:
        for source in (tmp_path / "whole").glob("*.parquet"):
            there = tmp_path / "days" / source.name
            files = there if there.exists() else there.with_suffix("") / "*.parquet"
            extra = connection.execute(f"from '{files}' except all from '{source}'").fetchall()
            assert not extra, source.stem
            (whole,) = connection.execute(f"select count(*) from '{source}'").fetchall()[0]
            (laid,) = connection.execute(f"select count(*) from '{files}'").fetchall()[0]
            assert 0.95 * whole <= laid <= whole, source.stem  # some comes after the last day


def test_a_command_is_measured_with_what_it_starts(tmp_path: Path) -> None:
    inner = f"import time; open(r'{tmp_path}/f', 'wb').write(bytes(range(256)) * 2**14); x = "
    inner += "b'x' * (200 * 2**20); time.sleep(1)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    found = measured([sys.executable, "-c", outer], watch=tmp_path)
    assert found.seconds >= 1
    assert 200 <= found.peak_memory < 400
    assert 4 <= found.peak_disk <= 5
    assert found.peak_disk == size_of(tmp_path)
    os.link(tmp_path / "f", tmp_path / "again")
    assert size_of(tmp_path) == found.peak_disk


def test_a_command_that_fails_is_no_measure() -> None:
    with pytest.raises(CommandError, match="nothing there"):
        measured([sys.executable, "-c", "import sys; sys.exit('nothing there')"])


def test_the_page_is_what_was_measured() -> None:
    assert results.page(results.read(results.MEASURED)) == results.RESULTS.read_text("utf-8")


@pytest.mark.slow
def test_a_size_is_built_and_a_day_added(tmp_path: Path) -> None:
    found = scale(20_000, tmp_path, "2GB")
    assert found["lines"] == pytest.approx(20_000, rel=0.2)
    assert found["day"][LINES] > 0
    assert found["daily"]["seconds"] > 0


def test_a_landing_of_many_clients_has_as_many_lines(tmp_path: Path) -> None:
    lines = {
        clients: write_landing(tmp_path / str(clients), 75_000, clients) for clients in (1, 100)
    }
    assert lines[100] == pytest.approx(lines[1], rel=0.01)
    with duckdb.connect() as connection:
        counts = "select count(distinct client_id) from '{}/crm_customers.parquet'"
        (found,) = connection.execute(counts.format(tmp_path / "100")).fetchall()[0]
    assert found == 100


def test_a_handful_of_answers_grows_by_one(tmp_path: Path) -> None:
    write_answers(tmp_path, 3)
    before = (tmp_path / "survey_responses.csv").read_text("utf-8")
    assert before.splitlines()[1:] == [
        "answer-0,2024-01-01,0",
        "answer-1,2024-01-08,7",
        "answer-2,2024-01-15,3",
    ]
    write_answers(tmp_path, 4)
    assert (tmp_path / "survey_responses.csv").read_text("utf-8").startswith(before)


def test_models_are_cut_as_the_hand_written_script_is() -> None:
    project = project_as_read()
    nodes = {key: {"name": node.name, "fqn": node.fqn} for key, node in project.nodes.items()}
    models = pointworth_build.headline_models({"nodes": nodes, "parent_map": project.parent_map})
    group_of = {model["name"]: pointworth_build.group_of(model) for model in models}
    assert set(group_of.values()) == {CHECKS, *handwritten.GROUPS.values()}
    assert group_of["int_revenue_before_asking"] == group_of["fct_survey_responses"]
    assert group_of["int_revenue_lines_spread"] == "revenue by month"
    assert set(pointworth_build.REVENUE_BY_MONTH) <= group_of.keys()


def test_shapes_are_told_beside_each_other() -> None:
    measure = {"seconds": 10.0, "cpu_seconds": 15.0, "peak_memory": 1000, "peak_disk": 20}
    slower = {**measure, "seconds": 12.5}
    sizes = {"lines": 1000, "customers": 20, "memory_limit": "8GB"}
    one = {**measure, "lines": 1000, "slowest": {"shared": 2.0, "least": 0.5}}
    many = {**slower, "lines": 1000, "slowest": {"strata": 4.0, "shared": 2.5}}
    text = "\n".join(results.clients({**sizes, "1": one, "100": many}))
    assert "1.25 times those of the first" in text.replace("\n", " ")
    assert "| `strata` | 4.0 | < 0.5 |\n| `shared` | 2.5 | 2.0 |" in text
    again = {**measure, "seconds": 2.0}
    text = "\n".join(results.unchanged({**sizes, "full": measure, "again": again}))
    assert "20 % of the first" in text.replace("\n", " ")
    assert "| again | 2.0 | 15.0 | 1,000 | 20 |" in text
    text = "\n".join(results.tiny({"answers": 104, "first": measure, "second": again}))
    assert "| a new home | 10.0 |" in text


@pytest.mark.slow
def test_shapes_are_built(tmp_path: Path) -> None:
    found = tiny(tmp_path / "tiny")
    assert found["second"]["seconds"] > 0
    found = unchanged(20_000, tmp_path / "unchanged", "2GB")
    assert found["lines"] == pytest.approx(20_000, rel=0.2)
    assert found["again"]["seconds"] > 0
    found = by_clients(75_000, tmp_path / "clients", "2GB")
    assert len(found["100"]["slowest"]) == len(found["1"]["slowest"]) == 10
