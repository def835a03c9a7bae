"""DuckDB connections whose queries a signal interrupts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pointworth import stopping


@contextmanager
def connected(file: Path | None = None, **options: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a file, or to a database in memory; closed at the end."""
    with (
        duckdb.connect(str(file or ":memory:"), **options) as connection,
        stopping.interrupting(connection.interrupt),
    ):
        yield connection
