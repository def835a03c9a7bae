"""Marts on a PostgreSQL server: equal to the file, whole or not at all, to each client its own."""

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

import worlds
from pointworth.cli import app
from pointworth.postgres import publish
from postgres_server import OWNER, PASSWORD, Server, running
from worlds import World

ROLES = (
    "readers: [analyst]\nclients:\n  first_client: [{first}]\n  two_clients: [{first}, {second}]\n"
)
NOBODYS = {
    "churn_after_score",
    "landing_reconciliation",
    "rejected_rows",
    "revenue_reconciliation",
}
READ_ONLY = "select current_setting('default_transaction_read_only')"
TABLE = "select 'pointworth.nps_by_segment'::regclass::oid::bigint"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with logins."""
    with running() as started:
        for login in ("analyst", "first_client", "two_clients"):
            started.run(f"create role {login} login password '{PASSWORD}'")
        yield started


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A provider for six clients."""
    return worlds.credit(tmp_path_factory)


@pytest.fixture(scope="module")
def clients(world: World) -> list[str]:
    """Its clients."""
    found = world.rows("select distinct client_id from marts.dim_customers order by 1")
    return [client for (client,) in found]


@pytest.fixture(scope="module")
def home(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with its marts published."""
    folder = tmp_path_factory.mktemp("home")
    with duckdb.connect(str(folder / "marts.duckdb")) as marts:
        marts.execute(f"attach '{world.file}' as build (read_only)")
        for name in world.marts():
            marts.execute(f"create table {name} as select * from build.marts.{name}")
        marts.execute("comment on table nps_by_segment is 'What''s \\the score?'")
        marts.execute("alter table dim_dates alter column date_day set not null")
    return folder


@pytest.fixture(scope="module")
def roles(clients: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a reader and two logins of clients."""
    file = tmp_path_factory.mktemp("roles") / "roles.yml"
    file.write_text(ROLES.format(first=clients[0], second=clients[1]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def published(server: Server, home: Path, roles: Path) -> dict[str, int]:
    """The marts are on the server."""
    return publish(home, server.url(), "pointworth", roles)


def command(home: Path, server: Server, *options: str, **url: str) -> tuple[int, str]:
    """The command's exit code and what it said."""
    result = CliRunner().invoke(
        app, ["publish", "postgres", "--home", str(home), "--url", server.url(**url), *options]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, " ".join(result.output.split())


def test_every_mart_is_there_to_the_cent(
    server: Server, home: Path, published: dict[str, int]
) -> None:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as marts:
        for table, columns in marts.execute(
            "select table_name, list((column_name, data_type)) from duckdb_columns() "
            "where not internal group by table_name"
        ).fetchall():
            sums = ", ".join(
                f"sum({column})" if kind.startswith(("DECIMAL", "BIGINT")) else f"count({column})"
                for column, kind in columns
            )
            query = f"select count(*), {sums} from {{}}{table}"
            (there,) = server.ask(query.format("pointworth."))
            assert [None if value is None else float(value) for value in there] == [
                None if value is None else float(value)
                for value in marts.execute(query.format("")).fetchall()[0]
            ], table
            assert there[0] == published[table]


def test_keys_comments_and_what_may_be_empty_are_carried_over(
    server: Server, published: dict[str, int]
) -> None:
    assert server.ask("select obj_description('pointworth.nps_by_segment'::regclass)") == [
        ("What's \\the score?",)
    ]
    assert server.ask(
        "select attname from pg_attribute where attrelid = 'pointworth.dim_dates'::regclass "
        "and attnotnull and attnum > 0"
    ) == [("date_day",)]


@pytest.mark.parametrize(("login", "of"), [("first_client", 1), ("two_clients", 2)])
def test_a_client_sees_its_own_rows_and_nobody_elses(
    server: Server, published: dict[str, int], clients: list[str], login: str, of: int
) -> None:
    own, allowed = set(clients[:of]), set()
    columns: dict[str, set[str]] = {}
    for table, column in server.ask(
        "select table_name::text, column_name::text from information_schema.columns "
        "where table_schema = 'pointworth'"
    ):
        columns.setdefault(table, set()).add(column)
    with server.connected(login) as connection, connection.cursor() as cursor:

        def ask(query: str) -> list[tuple[Any, ...]]:
            cursor.execute(query)
            return list(cursor.fetchall())

        for table, names in columns.items():
            if ask(f"select has_table_privilege('pointworth.{table}', 'select')") != [(True,)]:
                continue
            allowed.add(table)
            if "client_id" in names:
                seen = ask(f"select distinct client_id from pointworth.{table}")
                assert {client for (client,) in seen} <= own, table
            elif "segment_dimension" in names:
                seen = ask(
                    f"select distinct segment_dimension, segment_value from pointworth.{table}"
                )
                assert set(seen) <= {("client_id", client) for client in own}, table
            elif "customer_id" in names:
                of_others = (
                    f"select count(*) from pointworth.{table} where customer_id not in "
                    "(select customer_id from pointworth.dim_customers)"
                )
                assert ask(of_others) == [(0,)], table
        for table in ("dim_customers", "client_logins"):
            seen = ask(f"select distinct client_id from pointworth.{table}")
            assert {client for (client,) in seen} == own
        scores = "select count(*) from pointworth.nps_by_segment"
        assert 0 < ask(scores)[0][0] < server.ask(scores, "analyst")[0][0]
        # What the planner knows of a column are values of other clients.
        assert ask("select count(*) from pg_stats where schemaname = 'pointworth'") == [(0,)]
    assert allowed & NOBODYS == set()
    assert {"nps_by_segment", "fct_survey_responses", "fct_interactions"} <= allowed


def test_readers_write_nothing(server: Server, published: dict[str, int]) -> None:
    for login in ("analyst", "first_client"):
        assert server.ask(READ_ONLY, login) == [("on",)]
        with pytest.raises(Exception, match=r"read-only|permission denied"):
            server.run("delete from pointworth.dim_dates", login=login)
        with pytest.raises(Exception, match="permission denied"):
            server.run(
                "set default_transaction_read_only = off",
                "delete from pointworth.dim_dates",
                login=login,
            )


@pytest.mark.slow
def test_fifty_readers_never_see_half_a_publication(
    server: Server, published: dict[str, int], home: Path, tmp_path: Path
) -> None:
    """Each publication has its own number in every row of a table of ten thousand."""
    shutil.copytree(home, tmp_path / "home")
    file = tmp_path / "home" / "marts.duckdb"
    done, seen, wrong = threading.Event(), set(), []
    everywhere = "select count(*), min(number), max(number) from many.numbered"

    def number(at: int) -> None:
        with duckdb.connect(str(file)) as marts:
            marts.execute(
                f"create or replace table numbered as select {at} as number from range(10000)"
            )
        publish(tmp_path / "home", server.url(), "many", None)

    def read() -> None:
        with server.connected() as connection, connection.cursor() as cursor:
            while not done.is_set():
                try:
                    cursor.execute(everywhere)
                    ((rows, least, most),) = cursor.fetchall()
                except Exception as error:
                    wrong.append(str(error))
                    return
                seen.add(least)
                if (rows, least) != (10000, most):
                    wrong.append(f"{rows} rows of {least} to {most}")

    number(0)
    readers = [threading.Thread(target=read) for _ in range(50)]
    for reader in readers:
        reader.start()
    try:
        for at in range(1, 6):
            number(at)
    finally:
        time.sleep(0.5)
        done.set()
        for reader in readers:
            reader.join()
    assert not wrong
    assert 5 in seen
    assert len(seen) >= 3


@pytest.mark.slow
def test_a_publication_that_is_killed_leaves_the_last_one(
    server: Server, published: dict[str, int], home: Path
) -> None:
    before = server.ask(TABLE)
    moments = random.Random(4)
    arguments = ["publish", "postgres", "--home", str(home), "--url", server.url()]
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-m", "pointworth", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        writing = "select count(*) from pg_locks where locktype = 'advisory'"
        while server.ask(writing) == [(0,)] and time.monotonic() < deadline:
            assert process.poll() is None
        time.sleep(moments.uniform(0, 0.3))
        assert process.poll() is None
        process.kill()
        process.wait()
        while server.ask(writing) != [(0,)] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.ask(TABLE) == before
        assert server.ask("select count(*) from pg_namespace where nspname like '%\\_next'") == [
            (0,)
        ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("readers: [nobody_here]", "has no login nobody_here"),
        (
            "clients: {first_client: [unheard_of]}",
            "the client unheard_of, who is in no published row",
        ),
        ("readers: [analyst]\nclients: {analyst: [x]}", "has analyst twice"),
        ("clients: {first_client: [x], first_client: [y]}", "has first_client twice"),
        ("clients: {first_client: x}", "is not understood"),
        ("owners: [analyst]", "is not understood"),
        ("readers: [", "cannot be read"),
        (f"readers: [{OWNER}]", "publish with another login"),
    ],
)
def test_roles_that_mean_nothing(
    server: Server, published: dict[str, int], home: Path, tmp_path: Path, text: str, expected: str
) -> None:
    (tmp_path / "roles.yml").write_text(text, encoding="utf-8")
    before = server.ask(TABLE)
    code, said = command(home, server, "--roles", str(tmp_path / "roles.yml"))
    assert code == 2
    assert expected in said
    assert server.ask(TABLE) == before


def test_servers_and_schemas_that_cannot_be_used(
    server: Server, home: Path, tmp_path: Path
) -> None:
    code, said = command(home, server, password="wrong")
    assert (code, "password authentication failed" in said) == (2, True)
    assert "wrong" not in said.replace("wrong password", "")
    code, said = command(home, server, "--schema", 'x"; drop')
    assert (code, "give up to 50 small letters" in said) == (2, True)
    code, said = command(home, Server(1, []))
    assert (code, "cannot be used" in said) == (2, True)
    code, said = command(tmp_path, server)
    assert (code, "Nothing is published" in said) == (1, True)


def test_two_publications_at_once(server: Server, published: dict[str, int], home: Path) -> None:
    with server.connected() as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(hashtext('pointworth pointworth'))")
        cursor.fetchall()
        code, said = command(home, server)
    assert (code, "Another publication is writing" in said) == (4, True)


def test_a_disk_that_is_full_there(
    server: Server, published: dict[str, int], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server says so in the middle of a table."""
    from pointworth.postgres import publishing

    def refuse(server: Any, *_: Any) -> list[str]:
        return [
            "do $$ begin raise exception 'could not extend file: No space left on device' "
            "using errcode = 'disk_full'; end $$"
        ]

    before = server.ask(TABLE)
    monkeypatch.setattr(publishing, "rights", refuse)
    code, said = command(home, server)
    assert (code, "No space left on device" in said) == (1, True)
    assert "the last one stays" in said
    assert server.ask(TABLE) == before
