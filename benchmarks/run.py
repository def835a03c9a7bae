"""Measure the project as a user runs it, and write the tables of RESULTS.md.

Each case is a command in a process of its own; seconds are of the wall clock, memory is the peak of
the process. Compare cases of one run with each other: machines are noisy.
"""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
POINTWORTH = [sys.executable, "-m", "pointworth"]


@dataclass
class Case:
    """What was measured: seconds in all, peak memory in MiB, seconds by part."""

    name: str
    target: str
    command: str
    seconds: float = 0.0
    peak_mib: int = 0
    parts: dict[str, float] = field(default_factory=dict)


def main(
    customers: Annotated[int, typer.Option(help="Customers of the large world.")] = 200_000,
    memory_limit: Annotated[str, typer.Option(help="What DuckDB may use.")] = "8GB",
) -> None:
    """Run every case and write benchmarks/RESULTS.md."""
    cases = [_demo(), _large_world(customers, memory_limit)]
    text = _results(cases)
    (ROOT / "benchmarks" / "RESULTS.md").write_text(text, encoding="utf-8")
    _show(cases)


def _demo() -> Case:
    home = CACHE / "demo"
    _run(["rm", "-rf", str(home)])
    case = Case("demo", "60 s", "make demo")
    return _measured(case, [*POINTWORTH, "demo", "--home", str(home)], home)


def _large_world(customers: int, memory_limit: str) -> Case:
    landing, home = CACHE / f"carrier-{customers}", CACHE / "large"
    if not (landing / "truth.json").exists():
        _run(["rm", "-rf", str(landing)])
        _run(
            [
                *(*POINTWORTH, "simulate", "consumer_carrier"),
                *("--out", str(landing), "--customers", str(customers)),
            ]
        )
    _run(["rm", "-rf", str(home)])
    lines = json.loads((landing / "truth.json").read_text())["rows"]["billing_invoice_lines"][
        "read"
    ]
    case = Case(
        f"full build, {customers:,} customers, {lines:,} invoice lines",
        "240 s" if customers == 200_000 else "",
        f"pointworth build --landing … --memory-limit {memory_limit}",
    )
    command = [*POINTWORTH, "build", "--landing", str(landing), "--home", str(home)]
    return _measured(case, [*command, "--memory-limit", memory_limit], home)


def _run(command: list[str]) -> int:
    """Run a command that must succeed; returns its peak memory in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "CI": "true"})
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(command)} failed; run it by itself to see why.")
    return usage.ru_maxrss // 1024


def _measured(case: Case, command: list[str], home: Path) -> Case:
    """Run a build and read from its records where the time went."""
    started = time.monotonic()
    case.peak_mib = _run(command)
    case.seconds = time.monotonic() - started
    record = json.loads(sorted(home.glob("runs/*/run.json"))[-1].read_text())
    steps = {step["name"]: step["seconds"] for step in record["steps"]}
    results = json.loads((home / "build" / "target" / "run_results.json").read_text())
    by_kind: dict[str, float] = {}
    for result in results["results"]:
        kind = "tests" if result["unique_id"].startswith("test.") else "SQL"
        by_kind[kind] = by_kind.get(kind, 0.0) + result["execution_time"]
    # Nodes run side by side, so their times are scaled to the step's share of the wall clock.
    threads = max(1.0, sum(by_kind.values()) / max(results["elapsed_time"], 1e-9))
    busy = {kind: seconds / threads for kind, seconds in by_kind.items()}
    build = steps.pop("build and test")
    case.parts = {**steps, **busy, "dbt's own": max(0.0, build - sum(busy.values()))}
    case.parts["start and end"] = max(0.0, case.seconds - sum(case.parts.values()))
    case.parts["slowest models"] = 0.0
    for result in sorted(results["results"], key=lambda row: -row["execution_time"])[:5]:
        case.parts[f"· {result['unique_id'].split('.')[2]}"] = result["execution_time"]
    return case


def _results(cases: list[Case]) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("dbt-core", "dbt-duckdb", "duckdb"))
    rows = [
        "# Measured",
        "",
        "Written by `make bench`. Numbers of one run are comparable with each other, those of two",
        "machines or two hours are not.",
        "",
        f"{os.cpu_count()} cores, {_memory_gib()} GiB, {platform.system()}, Python "
        f"{platform.python_version()}, {packages}.",
        "",
        "| case | command | target | seconds | peak memory |",
        "| --- | --- | --- | ---: | ---: |",
    ]
    rows += [
        f"| {case.name} | `{case.command}` | {case.target} | {case.seconds:.0f} | "
        f"{case.peak_mib} MiB |"
        for case in cases
    ]
    for case in cases:
        rows += [
            "",
            f"## Where the time goes: {case.name}",
            "",
            "| part | seconds |",
            "| --- | ---: |",
        ]
        rows += [
            f"| {part} | {seconds:.1f} |"
            if seconds or not part.startswith("slowest")
            else f"| {part} | |"
            for part, seconds in case.parts.items()
        ]
    return "\n".join(rows) + "\n"


def _memory_gib() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30


def _show(cases: list[Case]) -> None:
    console = Console()
    for case in cases:
        table = Table(title=f"{case.name}: {case.seconds:.0f} s (target {case.target or 'none'})")
        table.add_column("Part")
        table.add_column("Seconds", justify="right")
        for part, seconds in case.parts.items():
            table.add_row(part, f"{seconds:.1f}")
        table.add_row("peak memory, MiB", str(case.peak_mib))
        console.print(table)


if __name__ == "__main__":
    typer.run(main)
