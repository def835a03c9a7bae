"""DuckDB: in this process, in the build file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pointworth.engines.protocol import Dbt, Engine, pairs
from pointworth.errors import PointworthError, exhausted
from pointworth.settings import Settings, Target
from pointworth.warehouse import Run, Warehouse


class DuckDb(Engine):
    """In this process, in the build file."""

    target = Target.duckdb

    def __init__(self, warehouse: Warehouse, run: Run, settings: Settings) -> None:
        super().__init__(warehouse, run, settings)
        self.file = warehouse.build_file

    @classmethod
    def require(cls) -> None:
        """It comes with the package."""

    def environment(self) -> Mapping[str, str]:
        """The build file and what DuckDB may use."""
        return {
            "POINTWORTH_BUILD_FILE": str(self.file),
            "POINTWORTH_SPILL": str(self.warehouse.spill_folder),
            "POINTWORTH_MEMORY_LIMIT": self.settings.memory_of_duckdb,
        }

    def refusal(self, text: str) -> PointworthError | None:
        """A full disk or memory."""
        return exhausted(text, self.warehouse.home)

    @contextmanager
    def commanded(self) -> Iterator[None]:
        """dbt leaves the file locked."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        try:
            yield
        finally:
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]

    def loaded(self, dbt: Dbt) -> None:
        """It is in the file already."""

    def built(self, dbt: Dbt, names: set[str]) -> None:
        """They are in the file already."""

    def publish(self, dbt: Dbt) -> None:
        """It has no other readers."""

    def withdraw(self, dbt: Dbt) -> None:
        """It has no other readers."""

    def filled(self, dbt: Dbt) -> set[tuple[str, str]]:
        """As the catalog knows them."""
        return pairs(
            self.file,
            "select schema_name, table_name from duckdb_tables() where estimated_size > 0",
        )
