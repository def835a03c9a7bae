"""Metrics of the semantic models as SQL over one mart, for tools that sum by themselves.

A metric that takes the latest answer of each respondent has no such SQL: the score stands in its
marts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path("models/semantic")
_DIMENSION = re.compile(r"\{\{\s*(?:Time)?Dimension\('(\w+?)__(\w+)'(?:,\s*'\w+')?\)\s*\}\}")
_AGGREGATES = {
    "sum": "sum({})",
    "average": "avg({})",
    "count_distinct": "count(distinct {})",
}


@dataclass(frozen=True)
class MetricSql:
    """A metric as an expression that aggregates rows of a mart."""

    name: str
    label: str
    description: str
    mart: str
    sql: str


@dataclass(frozen=True)
class _Measure:
    """A measure with the semantic model it belongs to."""

    model: dict[str, Any]
    aggregate: str

    @property
    def mart(self) -> str:
        """The mart of its semantic model."""
        named = re.fullmatch(r"ref\('(\w+)'\)", self.model["model"])
        assert named is not None
        return named[1]

    def where(self, condition: str) -> str | None:
        """A metric's filter over the mart's own columns; None where it reads another's."""
        own = {entity["name"] for entity in self.model.get("entities", ()) if _is_primary(entity)}
        own |= {self.model.get("primary_entity", "")}
        columns = {d["name"]: d.get("expr", d["name"]) for d in self.model["dimensions"]}
        if any(entity not in own for entity, _ in _DIMENSION.findall(condition)):
            return None
        return _DIMENSION.sub(lambda found: str(columns[found[2]]), condition).strip()


def read_metrics(project: Path) -> list[MetricSql]:
    """Every metric that one expression over one mart gives."""
    read = [
        yaml.safe_load(path.read_text("utf-8")) for path in sorted((project / FOLDER).glob("*"))
    ]
    measures = {
        measure["name"]: _Measure(model, _aggregate(measure))
        for file in read
        for model in file["semantic_models"]
        for measure in model["measures"]
        if "non_additive_dimension" not in measure
    }
    metrics = {metric["name"]: metric for file in read for metric in file["metrics"]}
    return list(_translated(metrics, measures))


def _translated(
    metrics: dict[str, dict[str, Any]], measures: dict[str, _Measure]
) -> Iterator[MetricSql]:
    for name, metric in metrics.items():
        found = _sql(name, metrics, measures)
        if found is not None:
            yield MetricSql(name, metric["label"], metric["description"], *found)


def _sql(
    name: str, metrics: dict[str, dict[str, Any]], measures: dict[str, _Measure]
) -> tuple[str, str] | None:
    """The mart of a metric and its SQL there; None where there is no such one."""
    metric = metrics[name]
    given = metric["type_params"]
    if metric["type"] == "simple":
        measure = measures.get(given["measure"])
        if measure is None:
            return None
        where = measure.where(metric["filter"]) if "filter" in metric else ""
        if where is None:
            return None
        return measure.mart, measure.aggregate + (f" filter (where {where})" if where else "")
    names = given["metrics"] if metric["type"] == "derived" else list(given.values())
    parts = {part: _sql(part, metrics, measures) for part in names}
    marts = {part[0] for part in parts.values() if part is not None}
    if None in parts.values() or len(marts) != 1:
        return None
    text = given["expr"] if metric["type"] == "derived" else _ratio(**given)
    known = {part: f"({found[1]})" for part, found in parts.items() if found is not None}
    return marts.pop(), re.sub(r"\w+", lambda word: known.get(word[0], word[0]), text)


def _ratio(numerator: str, denominator: str) -> str:
    return f"cast({numerator} as double) / nullif({denominator}, 0)"


def _aggregate(measure: dict[str, Any]) -> str:
    return _AGGREGATES[measure["agg"]].format(measure.get("expr", measure["name"]))


def _is_primary(entity: dict[str, Any]) -> bool:
    return bool(entity["type"] == "primary")
