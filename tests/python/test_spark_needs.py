"""What Spark needs from outside: what is missing is one sentence that says the remedy."""

import os
import socket
from pathlib import Path

import pytest

from conftest import Toy
from pointworth import spark
from pointworth.engines import LocalSpark, RemoteSpark
from pointworth.errors import EXIT_USAGE
from pointworth.settings import Settings
from pointworth.warehouse import Run, Warehouse


def refused(toy: Toy, target: str = "spark") -> str:
    """What a build says that does not even begin."""
    result = toy.build("--target", target)
    assert result.exit_code == EXIT_USAGE, result.output
    assert len(result.output.strip().splitlines()) == 1
    assert not toy.home.exists()
    return result.output


@pytest.fixture
def packages_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `make spark`."""
    monkeypatch.setattr(spark, "find_spec", lambda name: object())


@pytest.fixture
def java(packages_are_there: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called java on an otherwise empty path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    return folder / "java"


def says(java: Path, version: str) -> None:
    """Let it say which version it is, as java does."""
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(f"#!/bin/sh\necho '{version}' >&2\n", "utf-8")
    java.chmod(0o755)


@pytest.mark.parametrize("target", ["spark", "spark_thrift"])
def test_the_packages_are_missing(toy: Toy, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    assert f"The target {target} cannot run: the Spark packages are not installed" in refused(
        toy, target
    )
    assert "make spark" in refused(toy, target)


def test_java_is_missing(toy: Toy, java: Path) -> None:
    assert "Java is not on the path (install Java 17" in refused(toy)


def test_java_home_leads_nowhere(
    toy: Toy, java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(java, 'openjdk version "17.0.15" 2025-04-15')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert "Java is not on JAVA_HOME" in refused(toy)


@pytest.mark.parametrize(
    ("version", "major"),
    [
        ('openjdk version "25.0.1" 2025-10-21 LTS', 25),
        ('java version "1.8.0_202"', 8),
        ('openjdk version "9-internal"', 9),
    ],
)
def test_java_is_another_version(toy: Toy, java: Path, version: str, major: int) -> None:
    says(java, version)
    assert f"{java} is Java {major} (install Java 17" in refused(toy)


def test_java_is_something_else(toy: Toy, java: Path) -> None:
    says(java, "I am a coffee")
    assert "does not say which Java it is" in refused(toy)


@pytest.mark.parametrize("version", spark.JAVA_VERSIONS)
def test_java_is_one_that_will_do(java: Path, version: int) -> None:
    says(java, f'openjdk version "{version}.0.2" 2025-04-15')
    assert spark.missing() is None


@pytest.fixture
def closed_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_no_master_at_the_address(
    toy: Toy, java: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(java, 'openjdk version "17.0.15" 2025-04-15')
    monkeypatch.setenv("POINTWORTH_SPARK_MASTER", f"spark://127.0.0.1:{closed_port}")
    assert f"No Spark master answers at 127.0.0.1:{closed_port}" in refused(toy)


def test_no_thrift_server_at_the_address(
    toy: Toy, packages_are_there: None, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTWORTH_SPARK_HOST", "127.0.0.1")
    monkeypatch.setenv("POINTWORTH_SPARK_PORT", str(closed_port))
    assert f"No Spark thrift server answers at 127.0.0.1:{closed_port}" in refused(
        toy, "spark_thrift"
    )
    monkeypatch.setenv("POINTWORTH_SPARK_PORT", "ten thousand")
    assert "name another address" in refused(toy, "spark_thrift")


# What Spark, Iceberg, PyHive and py4j said when it happened, cut to its first lines.
SAID = {
    "org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 4.0 failed "
    "1 times, most recent failure: java.io.IOException: No space left on device": "The disk that "
    "holds {home} is full",
    "org.apache.spark.SparkOutOfMemoryError: Unable to acquire 65536 bytes of memory, got 0": (
        "raise --memory-limit"
    ),
    "java.lang.OutOfMemoryError: Java heap space": "more memory than it may use",
    "org.apache.iceberg.jdbc.UncheckedSQLException: Failed to connect: jdbc:postgresql://db/x": (
        "The database of Spark's catalog does not answer"
    ),
    "org.postgresql.util.PSQLException: Connection to 127.0.0.1:5432 refused. Check that": (
        "does not answer (Connection to 127.0.0.1:5432 refused): start it"
    ),
    "org.postgresql.util.PSQLException: FATAL: terminating connection due to administrator "
    "command": "The database of Spark's catalog does not answer",
    "[SCHEMA_NOT_FOUND] The schema `ice`.`default` cannot be found. Verify the spelling": (
        "create it there once"
    ),
    "Py4JNetworkError: Answer from Java side is empty": "Spark's Java process ended",
    "Connection lost while polling query status after 2 attempts.": "Spark does not answer",
}


@pytest.mark.parametrize("said", SAID)
def test_what_the_machines_under_spark_say_is_one_sentence(said: str, tmp_path: Path) -> None:
    engine = LocalSpark(Warehouse(tmp_path), Run(tmp_path / "runs" / "r"), Settings(tmp_path))
    error = engine.refusal(f"Runtime Error\n  {said}\n\tat org.apache.spark.Some(Where.scala:1)")
    assert error is not None
    assert SAID[said].format(home=tmp_path) in error.message
    assert "\n" not in error.message
    assert error.exit_code == EXIT_USAGE


@pytest.mark.parametrize(
    "said",
    [
        "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0",
        "[TABLE_OR_VIEW_NOT_FOUND] The table or view `intermediate`.`x` cannot be found.",
        "Got 3 results, configured to fail if != 0",
    ],
)
def test_a_wrong_model_is_not_the_machine_s_fault(said: str, tmp_path: Path) -> None:
    for engine in (LocalSpark, RemoteSpark):
        run = Run(tmp_path / "runs" / "r")
        assert engine(Warehouse(tmp_path), run, Settings(tmp_path)).refusal(said) is None


@pytest.mark.parametrize(("limit", "java_says"), [("8GB", "8192m"), ("1500MB", "1500m")])
def test_memory_is_said_as_java_says_it(
    limit: str, java_says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "iceberg_jar", lambda: Path("iceberg.jar"))
    monkeypatch.delenv("POINTWORTH_SPARK_MASTER", raising=False)
    settings = Settings(tmp_path, memory_limit=limit, threads=3)
    engine = LocalSpark(Warehouse(tmp_path), Run(tmp_path / "runs" / "r"), settings)
    environment = engine.environment()
    assert environment["POINTWORTH_SPARK_MEMORY"] == java_says
    assert environment["POINTWORTH_SPARK_MASTER"] == "local[3]"
    assert os.path.isdir(environment["POINTWORTH_SPARK_WAREHOUSE"])
