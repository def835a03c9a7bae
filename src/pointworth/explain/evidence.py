"""The steps behind the published run, opened for reading; people stand there under pseudonyms."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pointworth.asking.query import published
from pointworth.database import connected
from pointworth.errors import in_use, usage_error
from pointworth.warehouse import Warehouse

_FACTS = "select * from {} order by all"
"""What a run was made of: two files of one run say the same."""
PSEUDONYM = "substr(md5((select max(secret) from landing.secret) || 'explain' || {}), 1, 12)"
"""One key in all packs of a warehouse, from which nobody else finds the customer."""


@contextmanager
def evidence(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, when it holds the run that is published."""
    with published(home) as marts:
        there = marts.execute(
            "select count(*) from duckdb_tables() where table_name = 'run_info'"
        ).fetchall()
        facts = marts.execute(_FACTS.format("run_info")).fetchall() if there[0][0] else []
    file = Warehouse(home).build_file
    if not file.is_file():
        raise usage_error(f"The steps behind the figures are not in {home}: build there again.")
    try:
        with connected(file, read_only=True) as build:
            if not facts or build.execute(_FACTS.format("marts.run_info")).fetchall() != facts:
                raise usage_error(
                    "The steps in the build file are of another run than the published one: build "
                    "again with --full-refresh."
                )
            build.execute("set search_path = 'marts'")
            yield build
    except duckdb.IOException as error:
        raise in_use(f"A build is writing to {home}: ask again when it has ended.") from error
