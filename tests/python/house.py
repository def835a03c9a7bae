"""Which way data flows: where a model lives, whom it may read, and the map of the rooms.

Run by itself it draws the map anew, in CONTRIBUTING.md.
"""

import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.cli.main import dbtRunner

ROOT = Path(__file__).parents[2]

# These are about the landing itself, and read what the accepted rows were taken from.
LANDING_ROOMS = {"finance", "quality", "record"}


def project_as_read(folder: Path) -> Any:
    """The manifest; all that dbt writes goes into the folder."""
    files = {
        "POINTWORTH_TARGET": str(folder / "target"),
        "POINTWORTH_BUILD_FILE": str(folder / "build.duckdb"),
    }
    options = ["--quiet", "--log-path", str(folder)]
    with patch.dict(os.environ, files):
        result = dbtRunner().invoke(
            [*options, "parse", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
        )
    assert result.success, result.exception
    return result.result


def place(node: Any) -> tuple[str, bool]:
    """The room of a model, `staging` and `core` among them, and whether it is one of its steps."""
    folders = list(node.fqn[1:-1])
    room = folders[1] if folders[0] == "areas" else folders[0]
    return room, "steps" in folders


def parents(manifest: Any) -> dict[str, list[str]]:
    """The models each model reads."""
    nodes = {key: node for key, node in manifest.nodes.items() if node.resource_type == "model"}
    return {key: [p for p in node.depends_on.nodes if p in nodes] for key, node in nodes.items()}


def shortcuts(manifest: Any) -> list[str]:
    """What reads where it must not, one sentence each."""
    found = []
    for key, read in parents(manifest).items():
        node = manifest.nodes[key]
        room, is_step = place(node)
        for parent in map(manifest.nodes.get, read):
            from_room, from_step = place(parent)
            why = _why_not(room, is_step, from_room, from_step, parent.name)
            if why:
                found.append(f"{node.name} reads {parent.name}: {why}")
    return found + _circle(rooms_read(manifest))


def _why_not(room: str, is_step: bool, from_room: str, from_step: bool, parent: str) -> str | None:
    if from_room == "staging":
        accepted = parent.startswith("stg_") or room in {"staging", *LANDING_ROOMS}
        checked = parent == "base_clock__horizon" and room == "core"
        return None if accepted or checked else "rows that are not judged are read by staging only"
    if from_room == "core":
        return "staging stands before core" if room == "staging" else None
    if room in ("staging", "core"):
        return "core stands before the rooms"
    if from_step:
        return None if room == from_room else "the steps of a room are its own"
    return "nothing private reads a mart" if is_step else None


def rooms_read(manifest: Any) -> dict[str, set[str]]:
    """The rooms each room reads."""
    read: dict[str, set[str]] = defaultdict(set)
    for key, found in parents(manifest).items():
        room = place(manifest.nodes[key])[0]
        read[room] |= {place(manifest.nodes[parent])[0] for parent in found} - {room}
    return dict(read)


def _circle(read: Mapping[str, Set[str]]) -> list[str]:
    try:
        TopologicalSorter(read).prepare()
    except CycleError as error:
        return [f"rooms read each other in a circle: {' → '.join(error.args[1])}"]
    return []


def longest_path(manifest: Any) -> list[str]:
    """The models on the longest way through the project."""
    read = parents(manifest)
    longest: dict[str, list[str]] = {}
    for key in TopologicalSorter(read).static_order():
        before = max((longest[parent] for parent in read[key]), key=len, default=[])
        longest[key] = [*before, manifest.nodes[key].name]
    return max(longest.values(), key=len)


def drawn(manifest: Any) -> str:
    """The map: the rooms, what each publishes, and who reads whom, as a Mermaid chart.

    An arrow that a longer way makes superfluous is left out, as in any such drawing.
    """
    read = rooms_read(manifest)
    order = list(
        TopologicalSorter({room: sorted(read[room]) for room in sorted(read)}).static_order()
    )
    lines = ["flowchart LR"]
    for room in order:
        published = sorted(
            node.name
            for node in manifest.nodes.values()
            if node.resource_type == "model" and node.access == "public" and place(node)[0] == room
        )
        lines.append(f'    {room}["<b>{room}</b>{"".join(f"<br/>{name}" for name in published)}"]')
    for room in order:
        direct = read.get(room, set()) - _reached(read, read.get(room, set()))
        lines += [f"    {parent} --> {room}" for parent in order if parent in direct]
    return "\n".join(lines)


def _reached(read: Mapping[str, Set[str]], rooms: Iterable[str]) -> set[str]:
    """All rooms on a way to these, without themselves unless on a way to each other."""
    found: set[str] = set()
    for room in rooms:
        for parent in read.get(room, set()):
            found |= {parent, *_reached(read, [parent])}
    return found


if __name__ == "__main__":
    guide = ROOT / "CONTRIBUTING.md"
    with tempfile.TemporaryDirectory() as scratch:
        chart = drawn(project_as_read(Path(scratch)))
    block = f"```mermaid\n{chart}\n```"
    text = re.sub(
        r"```mermaid\n.*?\n```", lambda _: block, guide.read_text("utf-8"), flags=re.DOTALL
    )
    guide.write_text(text, "utf-8")
