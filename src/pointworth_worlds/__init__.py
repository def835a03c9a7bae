"""Worlds with a planted truth: landing folders for which every headline figure is known.

``simulate("consumer_carrier", Path("landing"))`` writes the raw extracts of a made-up carrier and,
beside them, ``truth.json`` with what a correct build must find. Nobody in them is real.
"""

from .run import Truth, simulate
from .worlds import COVERAGE, WORLDS, SimulationError, WorldSpec

__all__ = ["COVERAGE", "WORLDS", "SimulationError", "Truth", "WorldSpec", "simulate"]
