"""What becomes of each model, seed and test: told while a build runs, and judged afterwards."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

_RULES_SHOWN = 3
_RULES = {
    "unique_key": "no two rows have the same key",
    "relationships": "{column} names what is there",
    "sums_to": "the parts make the whole",
    "same_rows": "no row is lost or made up",
    "complete_grid": "no combination is left out",
    "never_increases": "what can only fall never rises",
    "not_null": "{column} is always filled",
    "no_overlap": "periods of the same thing do not overlap",
}
NAMES_ITS_RULES = "keeps_its_rules"


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    failures: int
    table: str = ""
    """What it is about, as a user knows it: a mart, a dataset, or a working table."""
    rule: str = ""
    """What a test asks for, in words."""
    query: str = ""
    """Of a failed test of several rules: gives the rows that break some, with their names."""

    @property
    def is_test(self) -> bool:
        """Whether it is a data test."""
        return self.kind == "test"

    @property
    def is_failure(self) -> bool:
        """Whether it must stop the publication."""
        return self.status in ("error", "fail", "runtime error")


@dataclass
class Progress:
    """What a build tells while it runs; the defaults say nothing."""

    expect: Callable[[int], None] = lambda total: None
    start: Callable[[str], None] = lambda name: None
    finish: Callable[[str], None] = lambda name: None


def node_result(entry: Any) -> NodeResult:
    """What dbt says became of a node."""
    return NodeResult(
        name=str(entry.node.name),
        kind=str(entry.node.resource_type),
        status=str(entry.status),
        seconds=float(entry.execution_time),
        message=str(entry.message or ""),
        failures=int(entry.failures or 0),
        table=_table(entry.node),
        rule=_rule(entry.node),
        query=_query_of_broken_rules(entry),
    )


def once_per_node(progress: Progress) -> Callable[[Any], None]:
    """A dbt callback that reports each node once; dbt calls it from every thread."""
    seen: set[tuple[str, str]] = set()
    lock = threading.Lock()

    def listen(event: Any) -> None:
        kind = event.info.name
        if kind not in ("NodeStart", "NodeFinished"):
            return
        node = event.data.node_info
        with lock:
            if (kind, node.unique_id) in seen:
                return
            seen.add((kind, node.unique_id))
        (progress.start if kind == "NodeStart" else progress.finish)(str(node.node_name))

    return listen


class RulesAtTheEnd:
    """What the macro check_rules tells of each test that a table has in the YAML."""

    def __init__(self, nodes: Mapping[str, Any], progress: Progress) -> None:
        self._tests = {
            key: node for key, node in nodes.items() if getattr(node, "test_metadata", None)
        }
        self._progress = progress
        self._found: dict[str, NodeResult] = {}
        self._begun = 0.0

    def hear(self, event: Any) -> None:
        """A dbt callback."""
        if event.info.name != "JinjaLogDebug" or not event.data.msg.startswith('{"rules_'):
            return
        told = json.loads(event.data.msg)
        if "rules_begin" in told:
            self._begun = time.monotonic()
            self._progress.start(str(self._tests[told["rules_begin"]].name))
        else:
            key, broken = told["rules_end"], int(told["broken"])
            names_rules = self._tests[key].test_metadata.name == NAMES_ITS_RULES
            self._progress.finish(str(self._tests[key].name))
            self._found[key] = replace(
                self._result(key, "fail" if broken else "pass"),
                seconds=time.monotonic() - self._begun,
                failures=broken,
                query=told["query"] if names_rules else "",
            )

    def results(self, built: AbstractSet[str]) -> list[NodeResult]:
        """Of every test that reads only these nodes; what nobody checked does not hold."""
        return [
            self._found.get(key) or self._result(key, "error")
            for key, node in self._tests.items()
            if built >= set(node.depends_on.nodes)
        ]

    def _result(self, key: str, status: str) -> NodeResult:
        node = self._tests[key]
        name, table, rule = str(node.name), _table(node), _rule(node)
        return NodeResult(name, "test", status, 0.0, "", 0, table, rule)


def _table(node: Any) -> str:
    """A node as a user knows it; `node` is a mart, a dataset's model, a test of one, or neither."""
    about = getattr(node, "attached_node", None) or node.unique_id
    if about.startswith("test."):
        about = next(iter(node.depends_on.nodes), about)
    kind, name = about.split(".")[0], about.split(".")[-1]
    area, _, entity = name.partition("__")
    for layer in ("base_", "stg_"):
        if area.startswith(layer):
            return f"{area.removeprefix(layer)}_{entity}"
    return "a working table" if kind == "model" and name.startswith("int_") else name


def _rule(node: Any) -> str:
    """A test in words: its rules where it names them, its name where that says what it asks."""
    if str(node.resource_type) != "test":
        return ""
    metadata = getattr(node, "test_metadata", None)
    if metadata is None:
        return str(node.name).replace("_", " ")
    rules = ["no two rows have the same key"] if metadata.kwargs.get("key") else []
    rules += metadata.kwargs.get("rules") or ()
    column = getattr(node, "column_name", None) or "each column"
    known = _RULES.get(metadata.name, metadata.name.replace("_", " "))
    return ", ".join(map(str, rules[:_RULES_SHOWN])) or known.format(column=column)


def _query_of_broken_rules(entry: Any) -> str:
    metadata = getattr(entry.node, "test_metadata", None)
    if str(entry.status) != "fail" or metadata is None or metadata.name != NAMES_ITS_RULES:
        return ""
    return str(entry.node.compiled_code or "")
