"""The three headline marts by every contender, from the same files, with the same answer."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.agreement import differences
from benchmarks.contenders import (
    Contender,
    handwritten,
    on_spark,
    pointworth_build,
    with_pandas,
    with_polars,
)
from benchmarks.measure import measured, python

POINTWORTH = pointworth_build.CONTENDER
FLOOR = handwritten.CONTENDER
CONTENDERS = (POINTWORTH, FLOOR, with_polars.CONTENDER, with_pandas.CONTENDER, on_spark.CONTENDER)


class DisagreementError(RuntimeError):
    """A contender found other figures than Pointworth."""


def compare(
    landing: Path, work: Path, contenders: tuple[Contender, ...] = CONTENDERS
) -> dict[str, Any]:
    """Run every contender once, Pointworth first, and check that all say the same.

    Returns the measures by contender, where Pointworth's seconds go, and the SQL of both by model.
    """
    found: dict[str, Any] = {"contenders": {}}
    for contender in contenders:
        if what := contender.missing():
            found["contenders"][contender.name] = {"does": contender.does, "missing": what}
            continue
        out = run(contender, landing, work, found["contenders"])
        if wrong := differences(_out(POINTWORTH, work), out):
            raise DisagreementError(f"{contender.name} differs:\n" + "\n".join(wrong))
    home = _out(POINTWORTH, work) / "home"
    found["parts"] = pointworth_build.parts(home)
    measured(python("benchmarks.contenders.pointworth_build", home, _out(POINTWORTH, work)))
    found["sql"] = {
        contender.name: json.loads((_out(contender, work) / "sql.json").read_text("utf-8"))
        for contender in (POINTWORTH, FLOOR)
    }
    return found


def run(contender: Contender, landing: Path, work: Path, into: dict[str, Any]) -> Path:
    """Measure one contender; returns the folder with its marts."""
    out = _out(contender, work)
    out.mkdir(parents=True)
    measure = measured(contender.command(landing, out), watch=out)
    contender.collect(out)
    into[contender.name] = {"does": contender.does, **asdict(measure)}
    return out


def _out(contender: Contender, work: Path) -> Path:
    return work / contender.name.replace(" ", "-").replace(",", "")
