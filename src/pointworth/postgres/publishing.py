"""Puts the published marts on a PostgreSQL server, all of them or none."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pointworth.database import connected
from pointworth.errors import PointworthError, in_use, one_line, usage_error
from pointworth.postgres.access import Access, read_access
from pointworth.postgres.statements import (
    Table,
    definition,
    finish,
    name_of,
    published_tables,
    rights,
    text,
)
from pointworth.warehouse import Warehouse

_BATCH_ROWS = 100_000
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,49}")
"""So short that a publication's own schemas, named after it, are told apart by PostgreSQL."""
_LOCK_WAIT = "10s"


def publish(home: Path, url: str, schema: str, roles: Path | None) -> dict[str, int]:
    """Write the published marts into a schema and return the rows by mart.

    Tables are written into a schema beside the one that is read, with keys, comments and rights,
    and the two change names in the same transaction: a reader meets the last publication until the
    next is whole. Whatever fails leaves the server as it was.
    """
    if not _NAME.fullmatch(schema) or schema.startswith("pg_"):
        raise usage_error(
            f"--schema {schema}: give up to 50 small letters, digits and underscores, "
            "a letter first."
        )
    access = read_access(roles) if roles else Access()
    file = Warehouse(home).require_published()
    with connected(file, read_only=True) as marts, _server(url) as server:
        tables = published_tables(marts)
        _require_known(marts, server, tables, access)
        fresh, last = f"{schema}_next", f"{schema}_last"
        _require_alone(server, schema)
        _run(server, [f"set local lock_timeout = '{_LOCK_WAIT}'", *_drop(fresh, last)])
        _run(server, [f"create schema {name_of(fresh)}"])
        rows = {table.name: _copy(marts, server, fresh, table) for table in tables}
        _run(server, rights(fresh, tables, access))
        _run(server, _swap(server, schema, fresh, last))
        _run(server, _read_only_logins(server, access))
        server.commit()
        # Whoever still reads the tables before keeps them; the next publication drops them.
        with suppress(Exception):
            _run(server, ["set local lock_timeout = '1s'", *_drop(last)])
            server.commit()
    return rows


def _copy(marts: Any, server: Any, schema: str, table: Table) -> int:
    _run(server, definition(schema, table))
    reader = marts.execute(f"select * from {name_of(table.name)}").to_arrow_reader(_BATCH_ROWS)
    with server.cursor() as cursor:
        written = cursor.adbc_ingest(table.name, reader, mode="append", db_schema_name=schema)
    _run(server, finish(schema, table))
    return int(written)


def _swap(server: Any, schema: str, fresh: str, last: str) -> list[str]:
    is_there = _ask(server, f"select 1 from pg_namespace where nspname = {text(schema)}")
    return [
        *([f"alter schema {name_of(schema)} rename to {name_of(last)}"] if is_there else []),
        f"alter schema {name_of(fresh)} rename to {name_of(schema)}",
    ]


def _read_only_logins(server: Any, access: Access) -> list[str]:
    ((database,),) = _ask(server, "select current_database()")
    return [
        f"alter role {name_of(login)} in database {name_of(database)} "
        "set default_transaction_read_only = on"
        for login in access.logins
    ]


def _drop(*schemas: str) -> list[str]:
    return [f"drop schema if exists {name_of(schema)} cascade" for schema in schemas]


def _require_alone(server: Any, schema: str) -> None:
    """One publication of a schema at a time, also when they come from several machines."""
    key = text(f"pointworth {schema}")
    if _ask(server, f"select pg_try_advisory_xact_lock(hashtext({key}))") != [(True,)]:
        raise in_use(
            f"Another publication is writing the schema {schema}: wait until it has ended."
        )


def _require_known(marts: Any, server: Any, tables: Iterable[Table], access: Access) -> None:
    """Logins must exist, and clients must have a row."""
    known = {login for (login,) in _ask(server, "select rolname from pg_roles where rolcanlogin")}
    for login in access.logins:
        if login not in known:
            raise usage_error(
                f"The server has no login {login}: create it first, or mend the roles file."
            )
    ((current,),) = _ask(server, "select current_user")
    if current in access.logins:
        raise usage_error(
            f"The login {current} publishes and owns the tables, so no rule would bind it: "
            "publish with another login than those of the roles file."
        )
    clients = {
        client
        for table in tables
        if table.has("client_id")
        for (client,) in marts.execute(
            f"select distinct client_id from {name_of(table.name)}"
        ).fetchall()
    }
    for login, wanted in access.clients.items():
        for client in wanted:
            if client not in clients:
                raise usage_error(
                    f"The roles file gives {login} the client {client}, who is in no published "
                    "row: mend its name."
                )


@contextmanager
def _server(url: str) -> Iterator[Any]:
    """A connection in one transaction; what the server refuses is one sentence."""
    import adbc_driver_manager
    import adbc_driver_postgresql.dbapi as postgres

    where = _without_password(url)
    try:
        connection = postgres.connect(url, autocommit=False)
    except adbc_driver_manager.Error as error:
        raise usage_error(
            f"The server {where} cannot be used ({_reason(error)}): mend --url, or start it."
        ) from error
    try:
        yield connection
    except adbc_driver_manager.Error as error:
        raise PointworthError(
            f"The server {where} refused the publication ({_reason(error)}): "
            "the last one stays; mend this and publish again."
        ) from error
    finally:
        with suppress(Exception):
            connection.rollback()
        with suppress(Exception):
            connection.close()


def _reason(error: Exception) -> str:
    said = one_line(str(error)).split("Query:")[0]
    said = re.sub(r"^[A-Z_]+: |\[libpq\] |SQLSTATE: \w+", "", said)
    return said.strip(" .") or "no reason given"


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise usage_error("--url: give an address such as postgresql://login@host:5432/database.")
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def _ask(server: Any, query: str) -> list[tuple[Any, ...]]:
    with server.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _run(server: Any, statements: Iterable[str]) -> None:
    with server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
