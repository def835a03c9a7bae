"""Hands over what is published as files that any tool reads, with a manifest of what they mean."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from pointworth.asking.query import published
from pointworth.copies import hash_of
from pointworth.errors import from_os_error, usage_error
from pointworth.warehouse import Warehouse

MANIFEST = "manifest.json"
_MADE_BY = "pointworth export parquet"


def export_marts(home: Path, folder: Path) -> int:
    """Write a Parquet file per mart and the manifest; an earlier export there is replaced.

    All of it is written beside the folder first, so that a reader finds one export or the other.
    """
    _require_free(home, folder)
    run = Warehouse(home).published_run()
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        with published(home) as connection:
            draft.mkdir()
            marts = [_write(connection, name, draft) for name in _marts(connection)]
        manifest = {
            "made_by": _MADE_BY,
            "run": run.name if run else None,
            "as_of": run.record.get("as_of") if run else None,
            "marts": marts,
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (draft / MANIFEST).write_text(text, encoding="utf-8")
        if folder.exists():
            folder.replace(old)
        draft.replace(folder)
    except OSError as error:
        raise from_os_error(error, folder) from error
    finally:
        for left in (draft, old):
            with suppress(OSError):
                shutil.rmtree(left, ignore_errors=True)
    return len(marts)


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where not internal order by table_name"
    ).fetchall()
    return [str(name) for (name,) in found]


def _write(connection: duckdb.DuckDBPyConnection, mart: str, folder: Path) -> dict[str, Any]:
    """Write one mart; returns what the manifest says of it."""
    file = folder / f"{mart}.parquet"
    target = str(file).replace("'", "''")
    connection.execute(f"copy {mart} to '{target}' (format parquet, compression zstd)")
    comment, rows = connection.execute(
        f"select comment, (select count(*) from {mart}) from duckdb_tables() where table_name = ?",
        [mart],
    ).fetchall()[0]
    keys = connection.execute(
        "select constraint_column_names from duckdb_constraints() "
        "where table_name = ? and constraint_type = 'PRIMARY KEY'",
        [mart],
    ).fetchall()
    columns = connection.execute(
        "select column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where table_name = ? order by column_index",
        [mart],
    ).fetchall()
    return {
        "mart": mart,
        "file": file.name,
        "sha256": hash_of(file),
        "rows": rows,
        "description": comment,
        "key": keys[0][0] if keys else [],
        "columns": [
            {"name": name, "type": kind, "nullable": nullable, "description": text}
            for name, kind, nullable, text in columns
        ],
    }


def _require_free(home: Path, folder: Path) -> None:
    """Nothing that somebody else wrote is replaced."""
    warehouse, wanted = Warehouse(home.resolve()), folder.resolve()
    mine = (warehouse.runs_folder, warehouse.build_folder)
    is_around = warehouse.home.is_relative_to(wanted)
    if is_around or any(wanted.is_relative_to(part) for part in mine):
        raise usage_error(f"{folder} belongs to the warehouse: name another folder with --out.")
    if not folder.parent.is_dir():
        raise usage_error(f"There is no folder {folder.parent}: make it first.")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise usage_error(f"{folder} is a file: name a folder with --out.")
    if any(folder.iterdir()) and not _is_export(folder / MANIFEST):
        raise usage_error(
            f"{folder} holds files that are no export: name an empty folder, or a new one."
        )


def _is_export(manifest: Path) -> bool:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("made_by") == _MADE_BY
