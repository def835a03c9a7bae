"""Which cases of a proof are made at every change."""

from typing import Any

import pytest

HALF_A_CENT = 0.005 + 1e-6
"""What is published as money is as near to what it was calculated from."""


def first_of(*cases: Any) -> list[Any]:
    """The first case at every change, all of them in `make test-slow`."""
    return [cases[0], *(pytest.param(case, marks=pytest.mark.slow) for case in cases[1:])]
