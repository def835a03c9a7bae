"""One size: the full build, and the run of one more day on top of it."""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.landings import LAST_DAY, WORLD, customers_for, lay_out_by_day
from benchmarks.measure import measured, python


def scale(lines: int, work: Path, memory_limit: str) -> dict[str, Any]:
    """Simulate so many invoice lines, build all but the last day, add the day, build again."""
    simulated, landing, home = work / "simulated", work / "landing", work / "home"
    size = customers_for(lines)
    simulation = measured(
        python("pointworth", "simulate", WORLD, "--out", simulated, "--customers", size),
        watch=simulated,
    )
    rows = json.loads((simulated / "truth.json").read_text("utf-8"))["rows"]
    command = python(
        *("pointworth", "build", "--landing", landing, "--home", home),
        *("--memory-limit", memory_limit),
    )
    lay_out_by_day(simulated, landing, LAST_DAY - timedelta(days=1))
    full = measured(command, watch=home)
    arrived = lay_out_by_day(simulated, landing, LAST_DAY)
    daily = measured(command, watch=home)
    record = json.loads(sorted(home.glob("runs/*/run.json"))[-1].read_text("utf-8"))
    if not record["is_continued"]:
        raise RuntimeError("The daily run did not continue the build of the day before.")
    return {
        "lines": rows["billing_invoice_lines"]["read"],
        "customers": size,
        "memory_limit": memory_limit,
        "simulation": asdict(simulation),
        "full": asdict(full),
        "daily": asdict(daily),
        "day": arrived,
    }
