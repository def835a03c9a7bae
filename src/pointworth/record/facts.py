"""What a run tells of itself: the facts that the mart `run_info` has."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pointworth.project import package_fingerprint, project_fingerprint

_PACKAGES = ("pointworth", "dbt-core", "dbt-duckdb", "dbt-spark", "duckdb", "pyspark")
_NO_SETTINGS = {"landing", "landing_is_loaded", "left_out", "this_run"}


def facts(
    project: Path, run: str, target: str, given: Mapping[str, Any], usual: Mapping[str, Any]
) -> list[list[str | None]]:
    """A row per fact: its kind, which, its value, and what else is to be said."""
    return [
        ["run", "run", run, "when it started, in UTC"],
        ["run", "target", target, "where it was computed"],
        *_versions(project),
        *_settings(given, usual),
    ]


def _versions(project: Path) -> list[list[str | None]]:
    found: list[list[str | None]] = [["version", "python", platform.python_version(), None]]
    for name in _PACKAGES:
        try:
            found.append(["version", name, version(name), None])
        except PackageNotFoundError:
            continue
    found.append(["version", "models", project_fingerprint(project), "fingerprint of the project"])
    found.append(["version", "code", package_fingerprint(), "fingerprint of the package"])
    return found


def _settings(given: Mapping[str, Any], usual: Mapping[str, Any]) -> list[list[str | None]]:
    found: list[list[str | None]] = []
    for name in sorted(usual.keys() | given.keys()):
        if name in _NO_SETTINGS:
            continue
        value = given.get(name, usual.get(name))
        is_usual = value == usual.get(name)
        note = "as it comes" if is_usual else f"given; as it comes: {_text(usual.get(name))}"
        found.append(["setting", name, _text(value), note])
    return found


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
    return str(value)
