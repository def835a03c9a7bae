"""Models that have nothing to say about a landing: they are not built, and their marts are empty.

A room or mart names in the project what it cannot do without (`meta: {needs: [...]}`): datasets, or
columns as dataset.column. Where one of them has no row, or no value, the mart has none either.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LeftOut:
    """What is not built, and why."""

    missing: Mapping[str, list[str]] = field(default_factory=dict)
    """What each mart left out waits for, by the mart's name."""
    steps: frozenset[str] = frozenset()
    """The steps that only such marts are made of."""

    @property
    def names(self) -> list[str]:
        """All models that are not built."""
        return sorted({*self.missing, *self.steps})


def left_out(manifest: Any, filled: Collection[str]) -> LeftOut:
    """What a landing with values in these datasets and columns leaves out."""
    models = {k: node for k, node in manifest.nodes.items() if node.resource_type == "model"}
    missing = {
        key: lacking
        for key, node in models.items()
        if (lacking := [need for need in node.config.meta.get("needs", ()) if need not in filled])
        and node.access == "public"
    }
    gone = set(missing)
    steps: set[str] = set()
    while fruitless := {
        key
        for key, node in models.items()
        if key not in gone
        and node.access == "private"
        and (children := _children(manifest, key, models))
        and children <= gone
    }:
        steps |= fruitless
        gone |= fruitless
    return LeftOut(
        {models[key].name: lacking for key, lacking in missing.items()},
        frozenset(models[key].name for key in steps),
    )


def _children(manifest: Any, key: str, models: Mapping[str, Any]) -> set[str]:
    return {child for child in manifest.child_map.get(key, ()) if child in models}
