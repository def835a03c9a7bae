"""Apache Superset in an environment of its own, started on loopback by a test and stopped by it."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from worlds import ROOT

PROGRAM = ROOT / ".cache" / "superset" / "bin" / "superset"
LOGIN = {"username": "admin", "password": "only-for-this-test", "provider": "db"}


@dataclass(frozen=True)
class Superset:
    """Where it listens, and as whom it is asked."""

    address: str
    token: str

    def get(self, path: str) -> Any:
        """What an address of the API answers."""
        return _answer(self.address + path, self.token)

    def post(self, path: str, content: dict[str, Any]) -> Any:
        """What it answers when given something."""
        return _answer(self.address + path, self.token, json.dumps(content).encode())

    def upload(self, path: str, field: str, file: Path, **values: str) -> Any:
        """Give it a file, and values beside it."""
        edge = uuid.uuid4().hex
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in values.items()
        ]
        head = f'Content-Disposition: form-data; name="{field}"; filename="{file.name}"'
        parts.append(
            f"{head}\r\nContent-Type: application/zip\r\n\r\n".encode() + file.read_bytes()
        )
        body = b"".join(f"--{edge}\r\n".encode() + part + b"\r\n" for part in parts)
        kind = f"multipart/form-data; boundary={edge}"
        return _answer(self.address + path, self.token, body + f"--{edge}--\r\n".encode(), kind)


def _answer(
    address: str, token: str = "", body: bytes | None = None, kind: str = "application/json"
) -> Any:
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return {"code": error.code, **json.loads(error.read() or b"{}")}


@contextmanager
def running(folder: Path) -> Iterator[Superset]:
    """A new Superset with one login; skips where `make test-bi` has not installed it."""
    if not PROGRAM.exists():
        pytest.skip("Superset is not installed: make test-bi does it")
    config = folder / "superset_config.py"
    config.write_text(
        'SECRET_KEY = "only-for-this-test"\n'
        f'SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"\n'
        "WTF_CSRF_ENABLED = False\nTALISMAN_ENABLED = False\nRATELIMIT_ENABLED = False\n",
        encoding="utf-8",
    )
    environment = {
        **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        "SUPERSET_CONFIG_PATH": str(config),
        "SUPERSET_HOME": str(folder),
        "FLASK_APP": "superset",
    }
    user = ("--username", LOGIN["username"], "--password", LOGIN["password"])
    named = ("--firstname", "A", "--lastname", "B", "--email", "a@example.invalid")
    for command in (("db", "upgrade"), ("fab", "create-admin", *user, *named), ("init",)):
        done = subprocess.run(
            [PROGRAM, *command], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [PROGRAM, "run", "--port", str(port), "--with-threads"],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, server)
            token = _answer(f"{address}/api/v1/security/login", "", json.dumps(LOGIN).encode())
            yield Superset(address, token["access_token"])
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 600
    while time.monotonic() < until:
        assert server.poll() is None, "Superset ended by itself"
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=30):
                return
        except OSError:
            time.sleep(1)
    raise AssertionError("Superset does not answer")
