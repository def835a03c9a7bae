"""DuckDB for Great Expectations: a SQLAlchemy dialect whose transactions do nothing.

Great Expectations closes connections before it fetches and rolls back in between; with DuckDB's
own dialect the rollback drops the result. The files are opened read-only: nothing to commit.
"""

from typing import Any, ClassVar

import duckdb_sqlalchemy
from sqlalchemy.dialects import registry


class ReadOnlyDialect(duckdb_sqlalchemy.Dialect):
    """duckdb_sqlalchemy without begin, commit and rollback."""

    name = "duckdb"
    supports_statement_cache = False
    opened: ClassVar[list[Any]] = []

    def connect(self, *arguments: Any, **parameters: Any) -> Any:
        """Open a connection and remember it, for `close_all`."""
        connection = super().connect(*arguments, **parameters)
        self.opened.append(connection)
        return connection

    def do_begin(self, dbapi_connection: Any) -> None:
        """Nothing to begin."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing to commit."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing to undo, and the result must live on."""


def register() -> None:
    """Make `duckdb+readonly:///file` a known address."""
    registry.register("duckdb.readonly", __name__, ReadOnlyDialect.__name__)


def close_all() -> None:
    """Close every connection: Great Expectations keeps them, and a writer needs the file."""
    while ReadOnlyDialect.opened:
        ReadOnlyDialect.opened.pop().close()
