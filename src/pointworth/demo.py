"""The demo: a simulated operator whose truth is known, built and shown beside that truth."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from pointworth.build import build
from pointworth.errors import as_sentences
from pointworth.report import TerminalReporter, print_outcome
from pointworth.warehouse import Warehouse

WORLD = "network_operator"
SEED = 1


def run_demo(home: Path, console: Console) -> None:
    """Simulate the network operator unless it is there, build it, compare with the truth."""
    landing = Warehouse(home).demo_landing
    truth = landing / "truth.json"
    with as_sentences(home):
        if not truth.is_file():
            from pointworth.simulate import simulate

            with console.status(f"simulate {WORLD}"):
                simulate(WORLD, landing, seed=SEED)
        planted = planted_figures(json.loads(truth.read_text(encoding="utf-8")))
    with TerminalReporter(console) as reporter:
        outcome = build(landing, home, reporter)
    print_outcome(console, outcome, planted)
    console.print(
        f"Next: pointworth query --home {home} 'select * from revenue_scenarios'",
        highlight=False,
        soft_wrap=True,
    )


def planted_figures(truth: dict[str, Any]) -> dict[str, float]:
    """The planted truth by the key of the headline figure it belongs to."""
    return {key: float(value) for key, value in truth.items() if isinstance(value, int | float)}
