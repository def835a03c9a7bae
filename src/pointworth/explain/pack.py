"""A folder that holds what a figure is made of, and says how to work it out."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pointworth.errors import from_os_error, usage_error


@dataclass(frozen=True)
class Part:
    """A file of the pack and its query; with a title, what of its rows (`part`) is shown."""

    name: str
    query: str
    title: str | None = None
    shown: str = "select * from part"


def write_pack(
    build: duckdb.DuckDBPyConnection,
    parts: Sequence[Part],
    wanted: Mapping[str, Any],
    readme: str,
    folder: Path,
) -> dict[str, int]:
    """Write every part as CSV with the readme; the rows of each. All of it or nothing."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise usage_error(f"{folder} is not an empty folder: name a new one with --out.")
    if not folder.parent.is_dir():
        raise usage_error(f"There is no folder {folder.parent}: make it first.")
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    rows = {}
    try:
        draft.mkdir()
        for part in parts:
            found = asked(build, part.query, wanted)
            found.to_csv(str(draft / f"{part.name}.csv"), header=True)
            rows[part.name] = len(found)
        (draft / "README.md").write_text(readme, encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    except OSError as error:
        raise from_os_error(error, folder) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(draft, ignore_errors=True)
    return rows


def asked(
    build: duckdb.DuckDBPyConnection, query: str, wanted: Mapping[str, Any]
) -> duckdb.DuckDBPyRelation:
    """The rows of a part, with those of the parameters that it names."""
    given = {name: value for name, value in wanted.items() if f"${name}" in query}
    return build.sql(query, params=given)
