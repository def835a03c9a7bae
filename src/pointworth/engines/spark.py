"""Spark with tables in Iceberg: in this process, or a cluster behind a thrift server.

Spark works in tables of its own; what the steps after it look at (validation, publication, figures)
is handed over as Parquet and read into a file of the same shape as DuckDB's.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from pointworth import spark, stopping
from pointworth.database import connected
from pointworth.engines.protocol import Dbt, Engine, pairs
from pointworth.errors import PointworthError
from pointworth.project import find_project
from pointworth.settings import Settings, Target
from pointworth.warehouse import RUNS_KEPT, Run, Warehouse

_POLL_SECONDS = 0.1
_LOGGING = Path("deploy/spark/log4j2.properties")


class Spark(Engine):
    """Spark with tables in Iceberg, in this process or on a cluster.

    Each run builds its marts in a namespace of its own; `published.current_run` names the one that
    readers on Spark are to take, and is written in one commit.
    """

    shows_all_rows = False
    names_are_lasting = False
    rules_at_the_end = False
    disk: ClassVar[str]
    memory: ClassVar[str]

    def __init__(self, warehouse: Warehouse, run: Run, settings: Settings) -> None:
        super().__init__(warehouse, run, settings)
        self.file = warehouse.build_folder / "from_spark.duckdb"
        self.handover = Path(
            os.environ.get("POINTWORTH_SPARK_HANDOVER") or warehouse.build_folder / "handover"
        ).resolve()
        self.marts_namespace = f"marts_{run.name.lower()}"
        self._has_tables = False

    def environment(self) -> Mapping[str, str]:
        """The namespace of this run's marts."""
        return {"POINTWORTH_MARTS_SCHEMA": self.marts_namespace}

    def refusal(self, text: str) -> PointworthError | None:
        """Disk, memory, the cluster and the catalog's database."""
        return spark.refusal(text, self.disk.format(home=self.warehouse.home), self.memory)

    @contextmanager
    def commanded(self) -> Iterator[None]:
        """What overflows or cannot be cast must stop a build here as it does on DuckDB, not become
        NULL; but dbt-spark switches ANSI off, whatever the profile says.
        """
        credentials: Any = import_module("dbt.adapters.spark.connections").SparkCredentials
        after_init = credentials.__post_init__

        def keep_ansi(self: Any) -> None:
            ansi = self.server_side_parameters.get("spark.sql.ansi.enabled", "true")
            after_init(self)
            self.server_side_parameters["spark.sql.ansi.enabled"] = str(ansi)

        with _replaced(credentials, "__post_init__", keep_ansi):
            yield

    def lent(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Copies where its workers look; they need not see the home."""
        shutil.rmtree(self.handover, ignore_errors=True)
        self.handover.mkdir(parents=True)
        return {
            name: str(shutil.copyfile(file, self.handover / file.name))
            for name, file in files.items()
        }

    def loaded(self, dbt: Dbt) -> None:
        """What was loaded; of large datasets a sample. A build on Spark continues no other."""
        self._has_tables = True
        shutil.rmtree(self.handover, ignore_errors=True)
        self.handover.mkdir(parents=True)
        dbt.operate("hand_over_landing", folder=str(self.handover))
        self.file.unlink(missing_ok=True)
        with connected(self.file) as connection:
            self._take(connection, "landing")
            connection.execute("create table landing.build_state (fingerprint varchar)")
            connection.execute(
                "create table landing.changed_files (dataset varchar, source_file varchar)"
            )

    def built(self, dbt: Dbt, names: set[str]) -> None:
        """The marts whole, each column as its contract says, and the clock."""
        dbt.operate("hand_over_marts", folder=str(self.handover), names=sorted(names))
        types = {mart.name: mart.columns for mart in dbt.marts()}
        with connected(self.file) as connection:
            self._take(connection, "marts", types)
            self._take(connection, "intermediate")
        shutil.rmtree(self.handover, ignore_errors=True)

    def filled(self, dbt: Dbt) -> set[tuple[str, str]]:
        """Counted on Spark."""
        self.handover.mkdir(parents=True, exist_ok=True)
        dbt.operate("hand_over_filled_tables", folder=str(self.handover))
        with connected(self.file) as connection:
            self._take(connection, "counts")
        shutil.rmtree(self.handover, ignore_errors=True)
        return pairs(self.file, "select schema_name, table_name from counts.filled_tables")

    def publish(self, dbt: Dbt) -> None:
        """One commit; then the namespaces of old runs go."""
        dbt.operate("publish_marts", namespace=self.marts_namespace, kept=RUNS_KEPT)

    def withdraw(self, dbt: Dbt) -> None:
        """Best effort: Spark may be what failed, and its readers do not look at this namespace."""
        if not self._has_tables:
            return
        with suppress(PointworthError):
            dbt.operate("withdraw_marts", namespace=self.marts_namespace)

    def _take(
        self,
        connection: duckdb.DuckDBPyConnection,
        schema: str,
        types: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Read what Spark wrote for a schema; timestamps are UTC."""
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create schema {schema}")
        for folder in sorted((self.handover / schema).glob("*")):
            columns = ", ".join(
                f"cast({name} as {data_type}) as {name}"
                for name, data_type in (types or {}).get(folder.name, {}).items()
            )
            files = str(folder / "*.parquet").replace("'", "''")
            connection.execute(
                f"create table {schema}.{folder.name} as "
                f"select {columns or '*'} from read_parquet('{files}')"
            )


class LocalSpark(Spark):
    """Spark in this process; the tables lie in the warehouse folder unless told otherwise."""

    target = Target.spark
    disk = "The disk that holds {home}"
    memory = "--memory-limit"

    @classmethod
    def require(cls) -> None:
        """Packages, a Java that fits, and the master if it is elsewhere."""
        spark.require()

    def environment(self) -> Mapping[str, str]:
        """Where the tables lie, and what Spark may use."""
        tables = os.environ.get("POINTWORTH_SPARK_WAREHOUSE") or self.warehouse.home / "iceberg"
        environment = {
            **super().environment(),
            **spark.environment(tables),
            "POINTWORTH_SPARK_SPILL": str(self.warehouse.spill_folder),
            "POINTWORTH_SPARK_MEMORY": _as_java_size(self.settings.memory_limit),
            "POINTWORTH_SPARK_LOGGING": f'"{find_project() / _LOGGING}"',
            "POINTWORTH_SPARK_LOG": str(self.run.folder / "spark.log"),
        }
        if "POINTWORTH_SPARK_MASTER" not in os.environ:
            environment["POINTWORTH_SPARK_MASTER"] = f"local[{self.settings.threads}]"
            environment["SPARK_LOCAL_IP"] = "127.0.0.1"  # nobody else needs to reach it
        return environment

    @contextmanager
    def working(self) -> Iterator[None]:
        """One session for all commands of a run, and none after it."""
        try:
            yield
        finally:
            session = import_module("pyspark.sql").SparkSession._instantiatedSession
            if session is not None:
                with suppress(Exception):  # its process may be what failed
                    session.stop()
            if stopping.is_asked():
                self.kill()

    def kill(self) -> None:
        """Java would end by itself, but later than this process."""
        gateway = import_module("pyspark").SparkContext._gateway
        if gateway is not None:
            gateway.proc.kill()

    @contextmanager
    def commanded(self) -> Iterator[None]:
        """Whoever stops a build must not wait for the end of its queries, as dbt-spark would."""
        wrapper: Any = import_module("dbt.adapters.spark.session").SessionConnectionWrapper

        def cancel(_: Any) -> None:
            session = import_module("pyspark.sql").SparkSession._instantiatedSession
            if session is not None:
                session.sparkContext.cancelAllJobs()

        with super().commanded(), _replaced(wrapper, "cancel", cancel):
            yield


class RemoteSpark(Spark):
    """Spark behind a thrift server: a cluster."""

    target = Target.spark_thrift
    disk = "A disk of the Spark cluster"
    memory = "spark.executor.memory or spark.driver.memory of the cluster"

    @classmethod
    def require(cls) -> None:
        """Packages, and the server."""
        host = os.environ.get("POINTWORTH_SPARK_HOST", "localhost")
        spark.require_server(f"{host}:{os.environ.get('POINTWORTH_SPARK_PORT', '10000')}")

    @contextmanager
    def commanded(self) -> Iterator[None]:
        """Most statements end in less than the second after which a profile may ask again."""
        wrapper: Any = import_module("dbt.adapters.spark.connections").PyhiveConnectionWrapper
        init = wrapper.__init__

        def ask_often(self: Any, *arguments: Any, **named: Any) -> None:
            init(self, *arguments, **named)
            self.poll_interval = _POLL_SECONDS

        with super().commanded(), _replaced(wrapper, "__init__", ask_often):
            yield


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _as_java_size(size: str) -> str:
    """8GB as Java writes it, in whole megabytes."""
    number, unit = float(size.rstrip("KMGTiB ")), size.lstrip("0123456789. ")[0]
    return f"{max(1, int(number * 1024 ** ('KMGT'.index(unit) - 1)))}m"
