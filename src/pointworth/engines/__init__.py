"""The engines a build can run on, and all that differs between them outside the SQL."""

from pointworth.engines.duckdb import DuckDb
from pointworth.engines.protocol import Engine
from pointworth.engines.spark import LocalSpark, RemoteSpark
from pointworth.settings import Target

__all__ = ["DuckDb", "Engine", "LocalSpark", "RemoteSpark", "engine_for"]

_ENGINES: dict[Target, type[Engine]] = {
    engine.target: engine for engine in (DuckDb, LocalSpark, RemoteSpark)
}


def engine_for(target: Target) -> type[Engine]:
    """The engine behind a target."""
    return _ENGINES[target]
