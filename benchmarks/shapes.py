"""Builds that should cost little: of few answers, of what has not changed, of many clients."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.contenders.pointworth_build import slowest
from benchmarks.landings import ANSWERS, customers_for, write_answers, write_landing
from benchmarks.measure import measured, python

CLIENTS = 100


def tiny(work: Path) -> dict[str, Any]:
    """A landing of a hundred answers: in a new home, and again after one more answer."""
    landing, home = work / "landing", work / "home"
    write_answers(landing, ANSWERS)
    first = measured(_build(landing, home), watch=home)
    write_answers(landing, ANSWERS + 1)
    second = measured(_build(landing, home), watch=home)
    return {"answers": ANSWERS, "first": asdict(first), "second": asdict(second)}


def unchanged(lines: int, work: Path, memory_limit: str) -> dict[str, Any]:
    """So many invoice lines, built, and built again though nothing has changed."""
    landing, home = work / "landing", work / "home"
    read = write_landing(landing, lines)
    command = _build(landing, home, memory_limit)
    full, again = measured(command, watch=home), measured(command, watch=home)
    return {
        "lines": read,
        "memory_limit": memory_limit,
        "full": asdict(full),
        "again": asdict(again),
    }


def by_clients(lines: int, work: Path, memory_limit: str) -> dict[str, Any]:
    """As many invoice lines of one client and of a hundred."""
    found: dict[str, Any] = {"customers": customers_for(lines), "memory_limit": memory_limit}
    for clients in (1, CLIENTS):
        landing, home = work / f"landing-{clients}", work / f"home-{clients}"
        read = write_landing(landing, lines, clients)
        build = measured(_build(landing, home, memory_limit), watch=home)
        found[str(clients)] = {"lines": read, **asdict(build), "slowest": slowest(home)}
    return found


def _build(landing: Path, home: Path, memory_limit: str = "8GB") -> list[str]:
    return python(
        *("pointworth", "build", "--landing", landing, "--home", home),
        *("--memory-limit", memory_limit),
    )
