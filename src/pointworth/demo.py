"""The demo: a simulated operator whose truth is known, built and shown beside that truth."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from pointworth.errors import as_sentences
from pointworth.figures import nps_of_quarter
from pointworth.report import TerminalReporter, print_outcome
from pointworth.run import build
from pointworth.warehouse import Warehouse

WORLD = "network_operator"
SEED = 2


def run_demo(home: Path, console: Console) -> None:
    """Simulate the network operator unless it is there, build it, compare with the truth."""
    landing = Warehouse(home).demo_landing
    with as_sentences(home):
        if not (landing / "truth.json").is_file():
            from pointworth_worlds import simulate

            with console.status(f"simulate {WORLD}"):
                simulate(WORLD, landing, seed=SEED)
        truth = json.loads((landing / "truth.json").read_text(encoding="utf-8"))
    with TerminalReporter(console) as reporter:
        outcome = build(landing, home, reporter)
    with as_sentences(home):
        quarters = [
            figure.as_dict()
            for end in ("from", "to")
            for figure in nps_of_quarter(
                Warehouse(home).marts_file, f"nps_{end}", truth["nps_rise"][f"{end}_quarter"]
            )
        ]
    outcome.figures[1:1] = quarters
    print_outcome(console, outcome, planted_figures(truth))
    console.print(
        f'Next: pointworth query --home {home} "select * from revenue_scenarios"',
        highlight=False,
        soft_wrap=True,
    )


def planted_figures(truth: dict[str, Any]) -> dict[str, float]:
    """The planted truth by the key of the headline figure it belongs to."""
    value, churn, rise = truth["revenue_per_point"], truth["churn_after_score"], truth["nps_rise"]
    return {
        "nps_from": rise["from"],
        "nps_to": rise["to"],
        "churn_120_detractor": churn["risk"]["detractor"],
        "churn_120_promoter": churn["risk"]["promoter"],
        "churn_120_ratio": churn["risk_ratio_detractor_promoter"],
        "revenue_per_point": value["value"],
        "churn_component": value["churn_component"],
        "wallet_component": value["wallet_component"],
    }
