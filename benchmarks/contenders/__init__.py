"""Who computes the three headline marts: Pointworth and what somebody would write instead.

Every contender is a command that reads one landing folder and leaves one Parquet file per mart,
with the columns of ``benchmarks.agreement``, in a folder of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Contender:
    """``command`` makes the command from the landing and the output folder; ``collect``, which is
    not measured, brings the marts into the output folder when the command leaves them elsewhere;
    ``missing`` says what keeps it from running here."""

    name: str
    does: str
    command: Callable[[Path, Path], list[str]]
    collect: Callable[[Path], None] = lambda out: None
    missing: Callable[[], str | None] = lambda: None
