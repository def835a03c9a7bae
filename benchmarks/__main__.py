"""python -m benchmarks: measure, and write RESULTS.md."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from benchmarks import machine, results
from benchmarks.comparison import CONTENDERS, POINTWORTH, compare, run
from benchmarks.contenders import on_spark, pointworth_build
from benchmarks.landings import customers_for, write_landing
from benchmarks.measure import ROOT, measured, python
from benchmarks.readers import measure_readers
from benchmarks.scaling import scale
from benchmarks.shapes import by_clients, tiny, unchanged
from benchmarks.versions import against

SECTIONS = ("demo", "tiny", "comparison", "readers", "unchanged", "clients", "scaling")
CACHE = ROOT / ".cache" / "bench"
console = Console()


def main(
    lines: Annotated[
        int, typer.Option(help="Invoice lines of every section but the scaling.")
    ] = 10_000_000,
    sizes: Annotated[str, typer.Option(help="Invoice lines of the scaling, with commas.")] = (
        "1000000,10000000"
    ),
    memory_limit: Annotated[
        str,
        typer.Option(help="The memory limit of builds of the scaling, unchanged or of clients."),
    ] = "8GB",
    only: Annotated[str, typer.Option(help="Sections to measure, with commas.")] = ",".join(
        SECTIONS
    ),
    spark: Annotated[bool, typer.Option(help="Whether Spark is a contender.")] = True,
    before: Annotated[
        Path | None,
        typer.Option(help="A checkout of another version, set up, to be timed beside this one."),
    ] = None,
) -> None:
    """Measure each section in a folder that is removed, and write benchmarks/RESULTS.md."""
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := set(wanted) - set(SECTIONS):
        raise typer.BadParameter(f"no section {', '.join(sorted(unknown))}", param_hint="--only")
    asked = f"make bench ONLY={{section}} LINES={lines}"
    if "demo" in wanted:
        with folder() as work:
            on = machine.described()
            demo = measured(python("pointworth", "demo", "--home", work / "home"))
            parts = pointworth_build.parts(work / "home")
            figures = {**asdict(demo), "parts": parts}
            results.save("demo", "make bench ONLY=demo", on, figures)
    if "tiny" in wanted:
        with folder() as work:
            results.save("tiny", "make bench ONLY=tiny", machine.described(), tiny(work))
    if "comparison" in wanted or "readers" in wanted:
        with folder() as work:
            on, landing = machine.described(), work / "landing"
            size = {"lines": write_landing(landing, lines), "customers": customers_for(lines)}
            if "comparison" in wanted:
                chosen = tuple(c for c in CONTENDERS if spark or c != on_spark.CONTENDER)
                figures = {**size, **compare(landing, work, chosen)}
                command = asked.format(section="comparison")
                results.save("comparison", command, on, figures)
            else:
                run(POINTWORTH, landing, work, {})
            if "readers" in wanted:
                figures = {**size, **measure_readers(work / POINTWORTH.name / "home")}
                command = asked.format(section="readers")
                results.save("readers", command, on, figures)
    for section, measure in (("unchanged", unchanged), ("clients", by_clients)):
        if section in wanted:
            with folder() as work:
                on, figures = machine.described(), measure(lines, work, memory_limit)
                command = f"{asked.format(section=section)} MEMORY={memory_limit}"
                results.save(section, command, on, figures)
    if before is not None:
        with folder() as work:
            on, figures = machine.described(), against(before, lines, work, memory_limit)
            command = f"make bench ONLY= BEFORE=DIR LINES={lines} MEMORY={memory_limit}"
            results.save("versions", command, on, figures)
    if "scaling" in wanted:
        for size_wanted in (int(size) for size in sizes.split(",")):
            with folder() as work:
                on = machine.described()
                figures = scale(size_wanted, work, memory_limit)
                command = f"make bench ONLY=scaling SIZES={size_wanted} MEMORY={memory_limit}"
                results.save(f"scale-{size_wanted}", command, on, figures)
    console.print(Markdown(results.RESULTS.read_text(encoding="utf-8")))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for the large files, gone afterwards."""
    CACHE.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=CACHE))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
