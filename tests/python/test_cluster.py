"""A real cluster on this host: a worker dies in the middle of a build, the catalog goes, all stops.

Run by `make test-cluster`. The tests go in order; each leaves the cluster as the next one needs it.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pointworth.warehouse import Warehouse
from two_engines import assert_same_marts, build, build_command, on_duckdb, said
from worlds import ROOT, World

pytestmark = pytest.mark.cluster

PROCESSES = ("catalog", "master", "worker1", "worker2", "thrift")
OPTIONS = ("--target", "spark_thrift", "--threads", "6", "--max-rejected-share", "1")
DONE_BEFORE_THE_BLOW = 30


@dataclass(frozen=True)
class Cluster:
    """What deploy/spark/cluster started in a folder."""

    folder: Path

    def run(self, command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """A command of the script."""
        return subprocess.run(
            [str(ROOT / "deploy" / "spark" / "cluster"), command, str(self.folder)],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def process(self, name: str) -> int:
        """The process that was started under a name."""
        return int((self.folder / "pids" / name).read_text("utf-8"))

    @property
    def environment(self) -> dict[str, str]:
        """What builds need to know of it."""
        text = (self.folder / "env").read_text("utf-8")
        return dict(re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE))

    def connect(self) -> Any:
        """A connection as dbt opens it, but to the catalog rather than to its default namespace."""
        address = self.environment
        return import_module("pyhive.hive").connect(
            host=address["POINTWORTH_SPARK_HOST"],
            port=int(address["POINTWORTH_SPARK_PORT"]),
            username="pointworth",
            database="ice",
        )

    def ask(self, query: str) -> list[Any]:
        """The first column of a query."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]


def is_alive(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def in_group(group: int) -> list[int]:
    """The processes of a group, executors among them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Started for these tests, and stopped whatever becomes of them."""
    folder = Path(tempfile.mkdtemp(prefix="pointworth-cluster-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when root asks for it
    cluster = Cluster(folder)
    started = cluster.run(
        "start", THRIFT_PORT="0", WORKER_MEMORY="900m", DRIVER_MEMORY="1g", OWNER=str(os.getpid())
    )
    assert started.returncode == 0, started.stderr
    processes = {name: cluster.process(name) for name in PROCESSES}
    try:
        yield cluster
    finally:
        stopped = cluster.run("stop")
        left = [name for name, process in processes.items() if is_alive(process)]
        left += [name for name, group in processes.items() if in_group(group)]
        shutil.rmtree(folder, ignore_errors=True)
    assert stopped.returncode == 0, stopped.stderr
    assert not left, f"still running: {left}"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What DuckDB makes of the landing."""
    return on_duckdb(tmp_path_factory)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all builds of these tests publish."""
    return tmp_path_factory.mktemp("cluster") / "home"


def test_a_worker_dies_in_the_middle_and_the_marts_are_right(
    cluster: Cluster, here: World, home: Path
) -> None:
    building = subprocess.Popen(
        build_command(here.landing, home, *OPTIONS), **said(cluster.environment)
    )
    try:
        worker, executors = cluster.process("worker1"), in_group(cluster.process("worker1"))
        assert len(executors) > 1, "the worker has no executor"
        await_models(home, building)
        os.kill(worker, signal.SIGKILL)
        told, complained = building.communicate(timeout=1800)
    finally:
        if building.poll() is None:
            building.kill()
            building.wait()
    assert building.returncode == 0, told[-3000:] + complained[-3000:]
    assert not is_alive(worker)
    assert "Lost executor" in (cluster.folder / "logs" / "thrift.log").read_text("utf-8")
    assert_same_marts(here, Warehouse(home).marts_file)
    (run,) = Warehouse(home).runs()
    assert run.record["target"] == "spark_thrift"
    assert run.record["tests"]["failed"] == run.record["tests"]["skipped"] == 0


def await_models(home: Path, building: "subprocess.Popen[str]") -> None:
    """Until some models are built, but far from all."""
    deadline = time.monotonic() + 1200
    while time.monotonic() < deadline:
        assert building.poll() is None, building.communicate()
        logs = [path.read_text("utf-8") for path in home.glob("runs/*/dbt.log")]
        if any(log.count(" OK created ") >= DONE_BEFORE_THE_BLOW for log in logs):
            return
        time.sleep(0.2)
    pytest.fail("no model was built in time")


def test_readers_on_the_cluster_are_told_the_namespace_of_the_run(
    cluster: Cluster, here: World, home: Path
) -> None:
    (namespace,) = cluster.ask("select namespace from ice.published.current_run")
    assert namespace == f"marts_{Warehouse(home).runs()[0].name.lower()}"
    (answers,) = cluster.ask(f"select count(*) from ice.{namespace}.fct_survey_responses")
    assert [(answers,)] == here.rows("select count(*) from marts.fct_survey_responses")


def operate(cluster: Cluster, folder: Path, macro: str, **arguments: Any) -> None:
    """Run one of the project's macros on the cluster."""
    finished = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "dbt"), "run-operation", macro),
            *("--args", json.dumps(arguments), "--target", "spark_thrift", "--quiet"),
            *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
            *("--log-path", str(folder), "--target-path", str(folder / "target")),
        ],
        **said(cluster.environment),
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_a_run_that_fails_when_it_is_published_already_is_taken_back(
    cluster: Cluster, tmp_path: Path
) -> None:
    before = cluster.ask("select namespace from ice.published.current_run")
    for _ in range(2):  # the second time, the version before is itself one that was put back
        with cluster.connect() as connection:
            connection.cursor().execute("create namespace ice.marts_9")
            connection.cursor().execute(
                "create table ice.marts_9.half using iceberg as select 1 as a"
            )
        operate(cluster, tmp_path, "publish_marts", namespace="marts_9", kept=5)
        assert cluster.ask("select namespace from ice.published.current_run") == ["marts_9"]
        operate(cluster, tmp_path, "withdraw_marts", namespace="marts_9")
        assert cluster.ask("select namespace from ice.published.current_run") == before
        assert "marts_9" not in cluster.ask("show namespaces")


def test_of_old_runs_the_latest_stay(cluster: Cluster, tmp_path: Path) -> None:
    (published,) = cluster.ask("select namespace from ice.published.current_run")
    old = ["marts_0", "marts_1", "marts_2"]
    with cluster.connect() as connection:
        for name in old:
            connection.cursor().execute(f"create namespace ice.{name}")
            connection.cursor().execute(f"create table ice.{name}.a using iceberg as select 1 as a")
    operate(cluster, tmp_path, "publish_marts", namespace="marts_0", kept=2)
    left = {name for name in cluster.ask("show namespaces") if name.startswith("marts_")}
    assert left == {"marts_0", "marts_2", published}
    operate(cluster, tmp_path, "publish_marts", namespace=published, kept=1)
    left = {name for name in cluster.ask("show namespaces") if name.startswith("marts_")}
    assert left == {published}


def refused(cluster: Cluster, here: World, home: Path) -> str:
    """What a build says that cannot be: one sentence, and the marts stay as they are."""
    before = Warehouse(home).marts_file.read_bytes()
    finished = build(here.landing, home, *OPTIONS, environment=cluster.environment)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1, finished.stderr
    assert Warehouse(home).marts_file.read_bytes() == before
    return finished.stderr.strip()


def test_a_namespace_is_missing(cluster: Cluster, here: World, home: Path) -> None:
    with cluster.connect() as connection:
        connection.cursor().execute("drop namespace ice.default")
    said = refused(cluster, here, home)
    assert "A namespace is not in Spark's catalog" in said
    assert "`ice`.`default`" in said
    with cluster.connect() as connection:
        connection.cursor().execute("create namespace ice.default")


def test_the_database_of_the_catalog_is_down(cluster: Cluster, here: World, home: Path) -> None:
    catalog = cluster.process("catalog")
    os.kill(catalog, signal.SIGINT)
    while is_alive(catalog):
        time.sleep(0.1)
    assert "The database of Spark's catalog does not answer" in refused(cluster, here, home)


def test_no_cluster_answers_at_the_address(cluster: Cluster, here: World, home: Path) -> None:
    thrift = cluster.process("thrift")
    os.killpg(thrift, signal.SIGKILL)
    while in_group(thrift):
        time.sleep(0.1)
    assert "No Spark thrift server answers at 127.0.0.1:" in refused(cluster, here, home)
