"""Writes the marts into a file of their own, before it takes the place of the published one.

The tables lie in the file's default schema: DuckDB names a database after its file, so in
marts.duckdb both `nps_by_segment` and `marts.nps_by_segment` find the table. With a schema `marts`
in a file marts.duckdb the second name would be ambiguous, and DuckDB refuses it.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from pointworth.database import connected
from pointworth.errors import PointworthError
from pointworth.project import Mart


def write_marts(
    build_file: Path, draft: Path, marts: Iterable[Mart], spill: Path, memory_limit: str
) -> dict[str, int]:
    """Copy every mart into a new, durable file; returns the rows built per mart."""
    marts = list(marts)
    draft.unlink(missing_ok=True)
    with connected(
        config={"temp_directory": str(spill), "memory_limit": memory_limit}
    ) as connection:
        connection.execute(f"attach {_text(str(build_file))} as build (read_only)")
        connection.execute(f"attach {_text(str(draft))} as published")
        built: dict[str, list[tuple[str, str]]] = {}
        for table, column, data_type in connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where database_name = 'build' and schema_name = 'marts' order by column_index"
        ).fetchall():
            built.setdefault(table, []).append((column, data_type))
        rows = {}
        for mart in marts:
            if mart.name not in built:
                raise PointworthError(
                    f"The mart {mart.name} was not built, so nothing is published: "
                    "enable it or remove it."
                )
            _copy(connection, mart, built[mart.name])
            rows[mart.name] = _count(connection, f"build.marts.{mart.name}")
        connection.execute("checkpoint published")
        connection.execute("detach published")
    _make_durable(draft)
    return rows


def _copy(
    connection: duckdb.DuckDBPyConnection, mart: Mart, columns: Iterable[tuple[str, str]]
) -> None:
    """A mart with its key, what is never NULL, and what its table and columns mean."""
    parts = [
        f"{name} {data_type}{' not null' if name in mart.filled else ''}"
        for name, data_type in columns
    ]
    if mart.key:
        parts.append(f"primary key ({', '.join(mart.key)})")
    comments = [
        f"comment on column published.{mart.name}.{name} is {_text(' '.join(text.split()))}"
        for name, text in mart.described.items()
    ]
    if mart.description:
        comments.append(
            f"comment on table published.{mart.name} is {_text(mart.description.strip())}"
        )
    statements = [
        "begin",
        f"create table published.{mart.name} ({', '.join(parts)})",
        f"insert into published.{mart.name} select * from build.marts.{mart.name}",
        *comments,
        "commit",
    ]
    connection.execute(";\n".join(statements))


def engine_types(marts: Iterable[Mart]) -> Mapping[str, str]:
    """The engine's own name of every type the marts' contracts use."""
    written = {data_type for mart in marts for data_type in mart.columns.values()}
    with connected() as connection:
        return {
            name: str(connection.execute(f"select typeof(cast(null as {name}))").fetchall()[0][0])
            for name in sorted(written)
        }


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])


def _make_durable(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
