"""Tells a command of the user's what was published: the run's record and the alerts, as JSON."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import duckdb

from pointworth.database import connected

MOST_SECONDS = 60
_ALERTS = (
    "select alert_kind, subject, client_id, message, figure, figure_lower, figure_upper, "
    "figure_unit, cast(since as varchar) as since, currency from alerts order by all"
)


def new_and_old_alerts(file: Path, before: Path | None) -> list[dict[str, Any]]:
    """The alerts of published marts; each says whether those published before had it not."""
    known = {_key(alert) for alert in read_alerts(before)} if before else set()
    return [alert | {"is_new": _key(alert) not in known} for alert in read_alerts(file)]


def tell(command: str, record: dict[str, Any], alerts: list[dict[str, Any]]) -> str | None:
    """Run the command with what is to be told on its standard input; a sentence when it failed."""
    message = json.dumps({"run": record, "alerts": alerts}, default=str, ensure_ascii=False)
    try:
        done = subprocess.run(
            shlex.split(command),
            input=message,
            text=True,
            encoding="utf-8",
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"on_publish took more than {MOST_SECONDS} seconds and was stopped."
    except (OSError, ValueError) as error:
        return f"on_publish could not be run: {error}."
    if done.returncode:
        said = " ".join(done.stderr.split())[:200]
        return f"on_publish ended with {done.returncode}{': ' + said if said else ''}."
    return None


def read_alerts(file: Path) -> list[dict[str, Any]]:
    """The alerts of published marts; none where these are older than alerts are."""
    try:
        with connected(file, read_only=True) as connection:
            result = connection.execute(_ALERTS)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    except duckdb.Error:
        return []


def _key(alert: dict[str, Any]) -> tuple[Any, Any]:
    return alert["alert_kind"], alert["subject"]
