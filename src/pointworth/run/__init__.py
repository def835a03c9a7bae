"""A run: the command, its steps in order, and what is recorded and said of them."""

from pointworth.run.command import build
from pointworth.run.outcome import UNCHANGED, Outcome, Reporter

__all__ = ["UNCHANGED", "Outcome", "Reporter", "build"]
