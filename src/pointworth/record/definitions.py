"""How a figure is defined: a fingerprint of the code that computes it, and the settings it reads.

The fingerprint changes when a model, a macro or a seed does on which the figure rests, comments and
layout aside. The seed `definitions` knows which fingerprint is which version.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pointworth.dbt_project.kept import RUN_TIME


@dataclass(frozen=True)
class Root:
    """Where a figure's definition begins: the model that has it, and macros that make it of that.

    `beside` are models it reads that say something else of the same rows.
    """

    model: str
    macros: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


FIGURES = {
    "recognised_revenue": Root("int_revenue_recognised"),
    "nps": Root(
        "int_nps_counted_answers",
        macros=("net_promoter_score",),
        beside=("int_customer_standing", "int_answers_in_cells"),
    ),
    "revenue_per_point": Root("revenue_per_point"),
}
"""Every figure that is kept."""

_HOW_NOT_WHAT = ("macros/engine/", "macros/landing/")
"""How an engine is spoken to and rows are judged is no part of what a figure means."""
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_SETTING = re.compile(r"""\bvar\(\s*['"](\w+)""")


def definitions(
    manifest: Any, given: Mapping[str, Any], usual: Mapping[str, Any]
) -> dict[str, dict[str, str | None]]:
    """For each figure its fingerprint, and in words the settings that are not as they come."""
    found = {}
    for figure, root in FIGURES.items():
        code = dict(_code(manifest, root))
        if not code:
            continue  # another project
        text = "\n".join(f"{name}\0{code[name]}" for name in sorted(code))
        read = {name for part in code.values() for name in _SETTING.findall(part)} - RUN_TIME
        own = [
            f"{name} {given[name]}"
            for name in sorted(read & given.keys())
            if given[name] != usual.get(name)
        ]
        found[figure] = {
            "fingerprint": hashlib.blake2b(text.encode(), digest_size=8).hexdigest(),
            "settings": "; ".join(own) or None,
        }
    return found


def _code(manifest: Any, root: Root) -> Iterator[tuple[str, str]]:
    """The code of everything a figure rests on, by name."""
    start = next((key for key, node in manifest.nodes.items() if _is_model(node, root.model)), None)
    if start is None:
        return
    waiting = [start]
    waiting += [key for key, macro in manifest.macros.items() if macro.name in root.macros]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        node = manifest.nodes.get(key) or manifest.macros.get(key)
        if node is None or node.package_name != manifest.metadata.project_name:
            continue  # a source, or what dbt brings
        if node.name in root.beside:
            continue
        kind = str(node.resource_type)
        if kind == "macro":
            if node.original_file_path.startswith(_HOW_NOT_WHAT):
                continue
            yield node.name, _plain(node.macro_sql)
            waiting += node.depends_on.macros
        elif kind == "seed":
            yield node.name, node.checksum.checksum
        else:
            yield node.name, _plain(node.raw_code)
            waiting += [*node.depends_on.nodes, *node.depends_on.macros]


def _is_model(node: Any, name: str) -> bool:
    return str(node.resource_type) == "model" and bool(node.name == name)


def _plain(code: str) -> str:
    """Code without comments and layout."""
    return " ".join(_COMMENT.sub(" ", code).split())
