"""One landing on both engines: every row of every mart is the same, rejected rows included.

Spark builds it once, in a process of its own, as `pointworth build --target spark` does: with all
data tests, validation and publication. Without Java these tests are skipped.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import worlds
from pointworth import spark
from pointworth.warehouse import Warehouse
from two_engines import assert_same_marts, build, make_landing, on_duckdb
from worlds import World, built_once, locked, shared_folder

# Most of a small build is the making of code, which pays for large ones only.
QUICK = {
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC",
    "POINTWORTH_SPARK_PARTITIONS": "1",
}
QUICK_DEFAULTS = """
spark.sql.adaptive.enabled false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.codegen.wholeStage false
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What DuckDB makes of the landing."""
    return on_duckdb(tmp_path_factory)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings for a small build."""
    if what := spark.missing():
        pytest.skip(what)
    folder = tmp_path_factory.mktemp("spark-conf")
    (folder / "spark-defaults.conf").write_text(QUICK_DEFAULTS, "utf-8")
    return {**QUICK, "SPARK_CONF_DIR": str(folder)}


@pytest.fixture(scope="module")
def home(here: World, quick: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Spark publishes of it; built once for all workers of this run."""
    folder = shared_folder(tmp_path_factory)
    with locked(folder / "spark.lock"):
        if not (folder / "spark.done").exists():
            shutil.rmtree(folder / "spark", ignore_errors=True)
            built = build(
                here.landing,
                folder / "spark",
                *("--target", "spark", "--max-rejected-share", "1", "--memory-limit", "1500MB"),
                environment={**quick, "DBT_WRITE_JSON": "true"},
            )
            assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
            (folder / "spark.done").touch()
    return folder / "spark"


def test_no_query_names_two_steps_alike(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Spark refuses a name of a step that a step around it has; DuckDB does not mind."""
    small = worlds.small(tmp_path_factory)
    named = re.compile(r"^\s*(\w+) as \($", re.MULTILINE)
    queries = list((small.folder / "build-target" / "compiled").glob("*/models/**/*.sql"))
    assert len(queries) > 100
    for query in queries:
        twice = [n for n, k in Counter(named.findall(query.read_text("utf-8"))).items() if k > 1]
        assert not twice, query.name


def test_a_zone_by_its_name_moves_no_other_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    answers = built_once(
        tmp_path_factory, "odd_times", make_landing, select=["+base_survey__responses"]
    )
    assert answers.rows(
        "select response_id, cast(responded_at as varchar), rejection_reasons "
        "from staging.base_survey__responses where response_id in ('p6', 'p7', 'q1') order by 1"
    ) == [
        ("p6", None, "not_a_date_responded_at"),
        ("p7", "2015-06-12 00:00:00", None),
        ("q1", "2015-06-14 12:00:00.123456", None),
    ]


@pytest.mark.slow
def test_both_engines_publish_the_same_marts(here: World, home: Path) -> None:
    assert_same_marts(here, Warehouse(home).marts_file)


@pytest.mark.slow
def test_a_run_on_spark_is_recorded_as_any_other(here: World, home: Path) -> None:
    (run,) = (run for run in Warehouse(home).runs() if run.marts_file.is_file())
    record = run.record
    manifest = json.loads((home / "build" / "target-spark" / "manifest.json").read_text("utf-8"))
    empty = {row["dataset"] for row in record["datasets"] if not row["rows_read"]}
    staged = {
        key
        for key, node in manifest["nodes"].items()
        if node["schema"] == "staging" and key.replace("__", "_").endswith(tuple(empty))
    }
    tests = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and not staged & {*node["depends_on"]["nodes"]}
    ]
    assert record["target"] == "spark"
    assert record["tests"]["passed"] + record["tests"]["warned"] == len(tests)
    assert record["tests"]["skipped"] == 0
    assert record["is_continued"] is False
    assert record["figures"]
    assert {row["column_name"] for row in record["ignored_columns"]} == {"colour", "extra"}
    assert [
        row["rows_read"] for row in record["datasets"] if row["dataset"] == "crm_customers"
    ] == (
        [
            read
            for (read,) in here.rows(
                "select rows_read from marts.landing_reconciliation where dataset = 'crm_customers'"
            )
        ]
    )
    assert record["validation"]


def current_namespaces(home: Path) -> list[str]:
    """What readers on Spark are told to read, in every version that is kept."""
    data = home / "iceberg" / "published" / "current_run" / "data"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select namespace from read_parquet('{data}/*.parquet')"
        ).fetchall()
    return [str(namespace) for (namespace,) in rows]


@pytest.mark.slow
def test_readers_on_spark_are_told_the_namespace_of_the_run(here: World, home: Path) -> None:
    (namespace,) = current_namespaces(home)
    assert {folder.name for folder in (home / "iceberg" / namespace).iterdir()} == (
        here.marts().keys()
    )


@pytest.fixture
def full_spill(home: Path) -> Iterator[None]:
    """Builds in this home spill to a disk without room; needs the right to mount one."""
    spill = Warehouse(home).spill_folder
    spill.mkdir(parents=True, exist_ok=True)
    # Spark puts its copy of the jar there before anything else.
    size = spark.iceberg_jar().stat().st_size + 400_000
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(spill)]
    if shutil.which("mount") is None or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield
    subprocess.run(["umount", "--lazy", str(spill)], check=True)


@pytest.mark.slow
def test_a_spill_without_room_is_one_sentence_and_publishes_nothing(
    here: World, home: Path, quick: dict[str, str], full_spill: None
) -> None:
    before, told = snapshot(home), current_namespaces(home)
    refused = build(
        here.landing, home, "--target", "spark", "--memory-limit", "1500MB", environment=quick
    )
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert "is full, where Spark spills or keeps its tables: free some space" in refused.stderr
    said = [line for line in refused.stderr.splitlines() if not line.startswith("NOTE: Picked up")]
    assert len(said) == 1, refused.stderr
    assert snapshot(home) == before
    assert current_namespaces(home) == told
    assert [path.name for path in (home / "iceberg").glob("marts_*")] == told


def snapshot(home: Path) -> Any:
    """What readers of the file see, and which runs can be published again."""
    warehouse = Warehouse(home)
    return (
        warehouse.marts_file.read_bytes(),
        [run.name for run in warehouse.runs() if run.marts_file.is_file()],
    )
