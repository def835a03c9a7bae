"""Pointworth as a user runs it, and its SQL alone.

python -m benchmarks.contenders.pointworth_build HOME OUT runs, in a build file that a build has
left, the models behind the three headline marts once more, one after the other, without dbt.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.agreement import HEADLINES, marts_of
from benchmarks.contenders import Contender
from benchmarks.measure import python

MART_OF_ROOM = {
    **dict.fromkeys(("nps", "silence"), "nps_by_segment"),
    "churn": "churn_after_score",
    "value": "revenue_per_point",
}
"""The headline mart that the rooms behind the three are there for."""
REVENUE_BY_MONTH = (
    *("int_exchange_rates_ranged", "int_revenue_lines", "int_revenue_lines_spread"),
    *("int_revenue_recognised", "fct_customer_revenue_monthly"),
)


def command(landing: Path, out: Path, memory_limit: str = "8GB") -> list[str]:
    """A build from nothing: load, check every row, all marts, all tests, validation,
    publication."""
    return python(
        *("pointworth", "build", "--landing", landing, "--home", out / "home"),
        *("--memory-limit", memory_limit),
    )


def collect(out: Path) -> None:
    """Take the headlines from what was published."""
    marts_of(out / "home" / "marts.duckdb", out)


CONTENDER = Contender(
    "Pointworth",
    "`pointworth build`: every row checked, all marts, all tests, validated, published",
    command,
    collect,
)


def parts(home: Path) -> dict[str, float]:
    """Where the seconds of the last build went; what dbt ran side by side is shared out."""
    record = json.loads(sorted(home.glob("runs/*/run.json"))[-1].read_text("utf-8"))
    steps = {step["name"]: float(step["seconds"]) for step in record["steps"]}
    results = _results(home)
    by_kind: dict[str, float] = {}
    for result in results["results"]:
        kind = "tests" if result["unique_id"].startswith("test.") else "models"
        by_kind[kind] = by_kind.get(kind, 0.0) + result["execution_time"]
    abreast = max(1.0, sum(by_kind.values()) / max(results["elapsed_time"], 1e-9))
    busy = {kind: seconds / abreast for kind, seconds in by_kind.items()}
    build = steps.pop("build and test")
    found = {**steps, **busy, "dbt around them": max(0.0, build - sum(busy.values()))}
    return {name: round(seconds, 2) for name, seconds in found.items()}


def slowest(home: Path, count: int = 10) -> dict[str, float]:
    """The models that took longest in the build, with another one beside them."""
    models = [
        (str(result["unique_id"]).split(".")[2], float(result["execution_time"]))
        for result in _results(home)["results"]
        if not result["unique_id"].startswith("test.")
    ]
    return dict(sorted(models, key=lambda model: -model[1])[:count])


def _results(home: Path) -> dict[str, Any]:
    path = home / "build" / "target-duckdb" / "run_results.json"
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def headline_models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The models behind the three marts, each after those it reads."""
    order: list[dict[str, Any]] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or not name.startswith("model."):
            return
        seen.add(name)
        for parent in sorted(manifest["parent_map"].get(name, ())):
            visit(parent)
        order.append(manifest["nodes"][name])

    for headline in HEADLINES:
        visit(f"model.pointworth.{headline.mart}")
    return order


def group_of(model: dict[str, Any]) -> str:
    """The part of the work a model belongs to, as the hand-written script is cut too."""
    layer, room, name = str(model["fqn"][1]), str(model["fqn"][2]), str(model["name"])
    if layer == "staging":
        return "rows checked and typed"
    if "spells" in name:
        return "spells"
    if name in REVENUE_BY_MONTH:
        return "revenue by month"
    return "answers and standing" if layer == "core" else MART_OF_ROOM[room]


def run_sql(home: str, out: str) -> None:
    """Run the models' SQL in the build file; writes sql.json: per model its group and seconds."""
    target = Path(home) / "build" / "target-duckdb"
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    connection = duckdb.connect(
        str(Path(home) / "build" / "pointworth.duckdb"),
        config={
            "memory_limit": "8GB",
            "preserve_insertion_order": "false",
            "temp_directory": str(Path(home) / "build" / "spill"),
        },
    )
    connection.execute("set timezone = 'UTC'")
    found = []
    for model in headline_models(manifest):
        compiled = target / "compiled" / "pointworth" / model["original_file_path"]
        if not compiled.is_file():  # left out: there is no row to compute
            continue
        sql = compiled.read_text("utf-8")
        kind = "view" if model["config"]["materialized"] == "view" else "table"
        relation = f'"{model["schema"]}"."{model["alias"]}"'
        started, cpu = time.monotonic(), time.process_time()
        connection.execute(f"create or replace {kind} {relation} as {sql}")
        found.append(
            {
                "model": model["name"],
                "group": group_of(model),
                "seconds": time.monotonic() - started,
                "cpu_seconds": time.process_time() - cpu,
            }
        )
    connection.close()
    (Path(out) / "sql.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    run_sql(*sys.argv[1:])
