"""The seconds that the SQL of the headline marts takes, step by step, added up."""

from collections.abc import Iterable
from typing import Any

CHECKS = "rows checked and typed"


def by_group(steps: Iterable[dict[str, Any]]) -> dict[str, float]:
    """The seconds of each group of steps."""
    groups: dict[str, float] = {}
    for step in steps:
        groups[step["group"]] = groups.get(step["group"], 0.0) + step["seconds"]
    return groups


def computing_alone(sql: dict[str, list[dict[str, Any]]]) -> tuple[float, float]:
    """The floor's seconds and Pointworth's, without what checks and types the rows."""
    models, steps = sql.values()
    ours = by_group(models)
    return sum(by_group(steps).values()), sum(ours.values()) - ours.get(CHECKS, 0.0)
