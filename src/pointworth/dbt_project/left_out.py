"""Models that have nothing to say about a landing: they are not built, and their marts are empty.

A room or mart names in the project what it cannot do without (`meta: {needs: [...]}`): datasets, or
columns as dataset.column. Where one of them has no row, or no value, the mart has none either. What
is read of a dataset without a row needs no model to be empty.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LANDING = "landing"
"""The source whose tables are the datasets."""


@dataclass(frozen=True)
class LeftOut:
    """What is not built, and why."""

    missing: Mapping[str, list[str]] = field(default_factory=dict)
    """What each mart left out waits for, by the mart's name."""
    steps: frozenset[str] = frozenset()
    """The steps that only such marts are made of."""
    staged: frozenset[str] = frozenset()
    """What is staged of datasets without a row."""

    @property
    def names(self) -> list[str]:
        """All models that are not built."""
        return sorted({*self.missing, *self.steps, *self.staged})


def left_out(manifest: Any, filled: Collection[str], empty: Collection[str] = ()) -> LeftOut:
    """What a landing with values in these datasets and columns leaves out.

    `empty` are the datasets without a row, now and when they were built last.
    """
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
        frozenset(_staged(manifest, empty, models)),
    )


def _staged(manifest: Any, empty: Collection[str], models: Mapping[str, Any]) -> Iterator[str]:
    """The judged rows of these datasets, and the views of those accepted and nothing else."""
    for source, table in manifest.sources.items():
        if table.source_name != LANDING or table.name not in empty:
            continue
        for judged in _children(manifest, source, models):
            if models[judged].config.materialized != "incremental":
                continue
            yield models[judged].name
            for child in _children(manifest, judged, models):
                accepted = models[child]
                if accepted.config.materialized == "view" and accepted.depends_on.nodes == [judged]:
                    yield accepted.name


def _children(manifest: Any, key: str, models: Mapping[str, Any]) -> set[str]:
    return {child for child in manifest.child_map.get(key, ()) if child in models}
