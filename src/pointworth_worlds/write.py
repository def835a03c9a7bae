"""The folder: that it may be written, clean copies, the truth and the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import yaml

from .worlds import SimulationError, WorldSpec


def check_folder(out: Path) -> Path:
    """Create the folder if need be; it must be a writable, empty one."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise SimulationError(
                f"The folder '{out}' is not empty; give a new one or empty it first."
            )
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SimulationError(
            f"The folder '{out}' cannot be written ({error.strerror}); give another one."
        ) from error
    return out.resolve()


def copy_clean(con: duckdb.DuckDBPyConnection, staged: Path, target: Path, format: str) -> None:
    """Copy a staged dataset as it is, in its order."""
    if format == "csv":
        columns = text_columns(con, staged)
        con.execute(f"copy (select {columns} from '{staged}') to '{target}' (format csv, header)")
    else:
        con.execute(f"copy (from '{staged}') to '{target}' (format parquet, compression zstd)")


def text_columns(con: duckdb.DuckDBPyConnection, staged: Path) -> str:
    """A select list that writes every column as the text of the contract (ISO 8601)."""
    parts = []
    for name, kind, *_ in con.execute(f"describe select * from '{staged}'").fetchall():
        if kind.startswith("TIMESTAMP"):
            parts.append(f'strftime("{name}", \'%Y-%m-%dT%H:%M:%S\') as "{name}"')
        else:
            parts.append(f'cast("{name}" as varchar) as "{name}"')
    return ", ".join(parts)


def write_truth(out: Path, truth: dict[str, Any]) -> None:
    """truth.json, readable and in a fixed order."""
    text = json.dumps(truth, indent=2, ensure_ascii=False)
    (out / "truth.json").write_text(text + "\n", encoding="utf-8")


def write_settings(out: Path, spec: WorldSpec) -> None:
    """pointworth.yml: the dbt variables of this landing."""
    settings = {"reporting_currency": spec.currencies[0][0], "churn_basis": "subscription"}
    text = yaml.safe_dump(settings, sort_keys=False)
    (out / "pointworth.yml").write_text(text, encoding="utf-8")
