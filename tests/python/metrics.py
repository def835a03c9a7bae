"""Metrics asked in this process: MetricFlow writes the SQL, the world's own file answers it."""

import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import worlds
from worlds import World


@dataclass(frozen=True)
class Asked:
    """What `mf query` was given."""

    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    saved: str | None = None
    start: str | None = None
    end: str | None = None

    @classmethod
    def from_words(cls, text: str) -> "Asked":
        """Read the options as they stand in docs/metrics.md."""
        words = shlex.split(text)
        assert len(words) % 2 == 0, text
        given = dict(zip(words[::2], words[1::2], strict=True))
        names = {"--metrics", "--group-by", "--where", "--order", "--saved-query"}
        assert set(given) <= names | {"--start-time", "--end-time"}, text
        return cls(
            metrics=_names(given.get("--metrics")),
            group_by=_names(given.get("--group-by")),
            where=tuple(filter(None, [given.get("--where")])),
            order=_names(given.get("--order")),
            saved=given.get("--saved-query"),
            start=given.get("--start-time"),
            end=given.get("--end-time"),
        )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


class Metrics:
    """The project's metrics over the marts of a world."""

    def __init__(self, world: World) -> None:
        from dbt.contracts.graph.semantic_manifest import SemanticManifest
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model.dbt_manifest_parser import (
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        self.world = world
        read = worlds.project_as_it_is(world.file.name)
        file = world.folder / "semantic_manifest.json"
        SemanticManifest(read).write_json_to_file(str(file))
        self.manifest = json.loads(file.read_text("utf-8"))
        lookup = SemanticManifestLookup(
            parse_manifest_from_dbt_generated_manifest(file.read_text("utf-8"))
        )
        client: Any = _WritesForDuckDB()
        self._engine = MetricFlowEngine(semantic_manifest_lookup=lookup, sql_client=client)

    def ask(self, asked: Asked) -> list[dict[str, Any]]:
        """The rows of an answer by column; times as they are, named without their grain."""
        import duckdb
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        request = MetricFlowQueryRequest.create(
            saved_query_name=asked.saved,
            metric_names=asked.metrics or None,
            group_by_names=asked.group_by or None,
            where_constraints=asked.where or None,
            order_by_names=asked.order or None,
            time_constraint_start=_time(asked.start),
            time_constraint_end=_time(asked.end),
        )
        sql = self._engine.explain(request).sql_statement.sql
        with duckdb.connect(str(self.world.file), read_only=True) as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def by(
        self,
        metrics: Iterable[str],
        group_by: Iterable[str] = (),
        where: Iterable[str] = (),
        **more: Any,
    ) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """The metrics, in their order, by what they are grouped by."""
        metrics, group_by = tuple(metrics), tuple(group_by)
        rows = self.ask(Asked(metrics, group_by, tuple(where), **more))
        return {
            tuple(_plain(row[name]) for name in group_by): tuple(
                _plain(row[name]) for name in metrics
            )
            for row in rows
        }


def questions(page: Path) -> list[tuple[str, str]]:
    """The numbered questions of docs/metrics.md, each with how it is asked."""
    return re.findall(r"^\| \d+ \| (.+?) \| (.+) \|$", page.read_text("utf-8"), re.MULTILINE)


def _time(day: str | None) -> Any:
    import datetime

    return datetime.datetime.fromisoformat(day) if day else None


def _plain(value: Any) -> Any:
    import datetime
    import decimal

    if isinstance(value, datetime.datetime):
        return value.date()
    return float(value) if isinstance(value, decimal.Decimal) else value


class _WritesForDuckDB:
    """What MetricFlow asks of a client when it only writes SQL."""

    def __init__(self) -> None:
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

        self.sql_engine_type = SqlEngine.DUCKDB
        self.sql_plan_renderer = DuckDbSqlPlanRenderer()
