from __future__ import annotations
from dataclasses import dataclass
from pathlib import Path
import duckdb


@dataclass
class Dirt:
    reasons: dict[str, int]
    path: Path


def write_dirty(
    con: duckdb.DuckDBPyConnection,
    name: str,
    staged: Path,
    out: Path,
    format: str,
    share: float,
    count: int,
) -> Dirt:
    raise NotImplementedError
