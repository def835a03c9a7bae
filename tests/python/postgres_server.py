"""A PostgreSQL server that a test starts on loopback, and stops."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

OWNER = "warehouse"
PASSWORD = "only-for-this-test"
SETTINGS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"


@dataclass(frozen=True)
class Server:
    """Where it listens; logins have the same password."""

    port: int
    pg_ctl: list[str]

    def url(self, login: str = OWNER, password: str = PASSWORD) -> str:
        """The address of a login."""
        return f"postgresql://{login}:{password}@127.0.0.1:{self.port}/postgres"

    def ask(self, query: str, login: str = OWNER) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connected(login) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def run(self, *statements: str, login: str = OWNER) -> None:
        """Statements, each for itself."""
        with self.connected(login) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    @contextmanager
    def connected(self, login: str = OWNER) -> Iterator[Any]:
        """A connection, closed afterwards."""
        import adbc_driver_postgresql.dbapi as postgres

        with postgres.connect(self.url(login), autocommit=True) as connection:
            yield connection


@contextmanager
def running() -> Iterator[Server]:
    """A new server; skips where PostgreSQL's programs are not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(programs[-1]) if programs else shutil.which("initdb")
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="pointworth-postgres-"))
    try:
        folder.chmod(0o711)  # PostgreSQL runs as another user when root asks for it
        data = folder / "data"
        data.mkdir()
        password = folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        if as_user:
            shutil.chown(data, "postgres")
            shutil.chown(password, "postgres")
        _call(
            *(*as_user, found, "--pgdata", data, "--username", OWNER, "--pwfile", password),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )
        port = _free_port()
        control = [*as_user, str(Path(found).with_name("pg_ctl")), "--pgdata", str(data)]
        log = data / "server.log"
        _call(*control, "start", "--wait", "--log", log, "--options", f"-p {port} {SETTINGS}")
        try:
            yield Server(port, control)
        finally:
            _call(*control, "stop", "--mode", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _call(*command: object) -> None:
    words: Sequence[str] = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
