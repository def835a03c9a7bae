"""Another version of the project beside this one, on the same landings, in one run."""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.graph import graph
from benchmarks.landings import ANSWERS, LAST_DAY, lay_out_by_day, write_answers, write_landing
from benchmarks.measure import ROOT, Measured, measured

ROUNDS = 3
"""How often a build of seconds is timed, by turns; those of minutes are timed once."""

Build = Callable[[Path, Path], Measured]


def against(before: Path, lines: int, work: Path, memory_limit: str) -> dict[str, Any]:
    """What builds take in a checkout of another version, set up by its own `make setup`, and here;
    each shape by turns, so that both meet the same machine."""
    builds = {
        "before": _build(before, work, memory_limit, {"DBT_WRITE_JSON": "true"}),
        "now": _build(ROOT, work, memory_limit, {"DBT_WRITE_JSON": "false"}),
    }
    shapes = [
        *(_few_answers(builds, work) for _ in range(ROUNDS)),
        *_a_large_landing(builds, work, lines),
    ]
    graphs = {
        version: graph(project, work / f"home-{version}", work / f"graph-{version}")
        for version, project in (("before", before), ("now", ROOT))
    }
    return {"lines": lines, "memory_limit": memory_limit, "shapes": shapes, "graphs": graphs}


def _few_answers(builds: dict[str, Build], work: Path) -> dict[str, Any]:
    landing = work / "answers"
    write_answers(landing, ANSWERS)
    found: dict[str, Any] = {"shape": f"{ANSWERS} answers, a new home"}
    for version, build in builds.items():
        home = work / f"answers-{version}"
        shutil.rmtree(home, ignore_errors=True)
        found[version] = asdict(build(landing, home))
    return found


def _a_large_landing(builds: dict[str, Build], work: Path, lines: int) -> list[dict[str, Any]]:
    simulated, landing = work / "simulated", work / "landing"
    read = write_landing(simulated, lines)
    found = []
    for shape, day in (
        (f"{read:,} lines, in full", LAST_DAY - timedelta(days=1)),
        ("again, nothing changed", LAST_DAY - timedelta(days=1)),
        ("a day more", LAST_DAY),
    ):
        lay_out_by_day(simulated, landing, day)
        taken = {
            version: asdict(build(landing, work / f"home-{version}"))
            for version, build in builds.items()
        }
        found.append({"shape": shape, **taken})
    return found


def _build(project: Path, work: Path, memory_limit: str, env: dict[str, str]) -> Build:
    def build(landing: Path, home: Path) -> Measured:
        return measured(
            [
                *(str(project / ".venv" / "bin" / "python"), "-m", "pointworth", "build"),
                *("--landing", str(landing), "--home", str(home)),
                *("--memory-limit", memory_limit),
            ],
            watch=home,
            env={**env, "POINTWORTH_CACHE": str(work / "cache")},
        )

    return build
