"""RESULTS.md from the measured sections."""

import json
import math
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.headline_sql import CHECKS, by_group, computing_alone
from benchmarks.targets import reached

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured"
RESULTS = HERE / "RESULTS.md"

Section = dict[str, Any]


def save(section: str, command: str, machine: str, figures: dict[str, Any]) -> None:
    """Keep the figures of a section, and write RESULTS.md from all sections."""
    MEASURED.mkdir(exist_ok=True)
    content = {"command": command, "machine": machine, "figures": figures}
    (MEASURED / f"{section}.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    RESULTS.write_text(page(read(MEASURED)), "utf-8")


def read(folder: Path) -> dict[str, Section]:
    """The measured sections by name."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }


def page(sections: dict[str, Section]) -> str:
    """The whole page."""
    blocks = [
        "# Measured",
        paragraph(
            "Written by `make bench`; each table names the command that made it, the machine and "
            "the versions. Every figure is of one run. Numbers of one table are comparable with "
            "each other, those of two machines or two hours are not."
        ),
    ]
    written = {
        **{"demo": demo, "tiny": tiny, "comparison": comparison, "readers": readers},
        **{"unchanged": unchanged, "clients": clients, "versions": versions},
    }
    if rows := reached(sections):
        blocks += targets(rows)
    for name, write in written.items():
        if name in sections:
            blocks += [*write(sections[name]["figures"]), *made_by([sections[name]])]
    scales = [content for name, content in sections.items() if name.startswith("scale-")]
    if scales:
        scales.sort(key=lambda content: int(content["figures"]["lines"]))
        blocks += [*scaling([content["figures"] for content in scales]), *made_by(scales)]
    return "\n\n".join(blocks) + "\n"


# ---------------------------------------------------------------- sections


def targets(rows: list[tuple[str, str, str, str]]) -> list[str]:
    """What was aimed at, beside what the sections below found."""
    return [
        "## Targets",
        paragraph(
            "Each figure is one of the tables below; what keeps a target is in DECISIONS.md."
        ),
        table(("what", "measured", "target, at most", "reached"), rows),
    ]


def demo(figures: dict[str, Any]) -> list[str]:
    """What `make demo` takes once everything is set up."""
    rows = [("in all", f"{figures['seconds']:.0f}"), *_seconds(figures["parts"])]
    return [
        "## The demo",
        paragraph(
            "Simulate 6,000 customers of a business operator, build and publish: target 60 s, "
            f"peak memory {figures['peak_memory']:,} MiB."
        ),
        table(("part", "seconds"), rows),
    ]


def tiny(figures: dict[str, Any]) -> list[str]:
    """What a handful of answers takes."""
    return [
        "## A handful of answers",
        paragraph(
            f"""A landing of {figures["answers"]} answers and nothing else, built in a new home, and
            again after one more answer."""
        ),
        table(
            _MEASURES,
            [
                ("a new home", *_measure(figures["first"])),
                ("one answer more", *_measure(figures["second"])),
            ],
        ),
    ]


def unchanged(figures: dict[str, Any]) -> list[str]:
    """The same landing twice."""
    full, again = figures["full"], figures["again"]
    return [
        "## Nothing has changed",
        paragraph(
            f"""{figures["lines"]:,} invoice lines built with `--memory-limit
            {figures["memory_limit"]}`, and the same command once more:
            {100 * again["seconds"] / full["seconds"]:.0f} % of the first."""
        ),
        table(_MEASURES, [("full", *_measure(full)), ("again", *_measure(again))]),
    ]


def versions(figures: dict[str, Any]) -> list[str]:
    """Each shape of a build before and now."""
    rows = [
        (
            shape["shape"],
            *(f"{shape[version]['seconds']:.1f}" for version in ("before", "now")),
            f"{shape['now']['seconds'] / shape['before']['seconds']:.2f}",
            *(f"{shape[version]['cpu_seconds']:.1f}" for version in ("before", "now")),
            f"{shape['now']['cpu_seconds'] / shape['before']['cpu_seconds']:.2f}",
            f"{shape['now']['peak_memory'] / shape['before']['peak_memory']:.2f}",
        )
        for shape in figures["shapes"]
    ]
    return [
        "## Before and now",
        paragraph(
            f"""An earlier version beside this one, by turns on the same landings, with
            `--memory-limit {figures["memory_limit"]}`; `now / before` below 1 is faster, or
            smaller. The first of the small builds also reads the project; the others find it
            kept."""
        ),
        table(
            (
                *("build", "before, s", "now, s", "now / before"),
                *("before, CPU s", "now, CPU s", "now / before", "memory, now / before"),
            ),
            rows,
        ),
        table(
            ("graph", "before", "now", "now / before"),
            [
                (says, f"{before:,}", f"{now:,}", f"{now / before:.2f}")
                for says, name in (
                    ("nodes of dbt's in a full build", "nodes"),
                    ("models one behind the other, at most", "models_in_a_row"),
                )
                for before, now in [[g[name] for g in figures.get("graphs", {}).values()]]
            ],
        ),
    ]


def clients(figures: dict[str, Any]) -> list[str]:
    """As many lines of one client and of many."""
    builds = {name: found for name, found in figures.items() if name.isdigit()}
    (few, one), (many, hundred) = builds.items()
    return [
        "## Many clients",
        paragraph(
            f"""{figures["customers"]:,} customers with {one["lines"]:,} invoice lines, of {few}
            client and of {many}, built with `--memory-limit {figures["memory_limit"]}`: the
            seconds of the second are {hundred["seconds"] / one["seconds"]:.2f} times those of the
            first."""
        ),
        table(_MEASURES, [(f"{name} clients", *_measure(found)) for name, found in builds.items()]),
        table(
            (
                f"slowest models of {many} clients, with another beside them",
                f"{many}, s",
                f"{few}, s",
            ),
            [
                (f"`{model}`", f"{seconds:.1f}", _seconds_of(one["slowest"], model))
                for model, seconds in hundred["slowest"].items()
            ],
        ),
    ]


def _seconds_of(models: dict[str, float], model: str) -> str:
    """A model that is not among the slowest took less than each of them."""
    return f"{models[model]:.1f}" if model in models else f"< {min(models.values()):.1f}"


_MEASURES = ("build", "s", "CPU s", "memory, MiB", "disk, MiB")


def _measure(found: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{found['seconds']:.1f}",
        f"{found['cpu_seconds']:.1f}",
        f"{found['peak_memory']:,}",
        f"{found['peak_disk']:,}",
    )


def comparison(figures: dict[str, Any]) -> list[str]:
    """The contenders, and where Pointworth's seconds go."""
    (pointworth, whole), *_ = figures["contenders"].items()
    rows: list[tuple[str, ...]] = []
    for name, found in figures["contenders"].items():
        if "missing" in found:
            rows.append((name, found["does"], "not run", "", "", found["missing"]))
            continue
        rows.append(
            (
                name,
                found["does"],
                f"{found['seconds']:.1f}",
                f"{found['seconds'] / whole['seconds']:.2f}",
                f"{found['cpu_seconds']:.1f}",
                f"{found['peak_memory']:,}",
            )
        )
    parts = figures["parts"]
    fixed = sum(
        seconds
        for name, seconds in parts.items()
        if name not in ("models", "tests", "load the landing")
    )
    return [
        "## The three headline marts, by Pointworth and by what one would write instead",
        paragraph(
            f"""`nps_by_segment` (scores and intervals, all periods and segments),
            `churn_after_score` (categories, both gaps, all windows, adjusted and not) and
            `revenue_per_point` (adjusted, all segments, with error and split) from the same
            Parquet files: {figures["lines"]:,} invoice lines, {figures["customers"]:,} customers.
            In the same run every answer was compared with Pointworth's: counts equal, doubles to
            a millionth. The scripts compute these columns and nothing else, from data known to be
            clean."""
        ),
        table(
            ("contender", "what it does", "s", f"× {pointworth}", "CPU s", "memory, MiB"),
            rows,
            left=2,
        ),
        "### Where Pointworth's seconds go",
        table(("part", "seconds"), _seconds(parts)),
        paragraph(
            f"""What does not grow with the data, or hardly, is dbt's parsing and running, the
            validation before and after, and the publication: {fixed:.1f} s. The tests take
            {parts["tests"]:.1f} s."""
        ),
        "### The SQL of the three marts alone, against the floor",
        paragraph(
            """Each model run once more after the other, without dbt, from the loaded landing; the
            floor is `benchmarks/contenders/handwritten.sql`. Pointworth's models compute more
            columns than the script (revenue weights, comparisons with the previous period and the
            rest, response rates, coverage; risk by score and of the silent; the unadjusted slope,
            the discounted one, the placebo), and write every step to disk."""
        ),
        *_sql(figures),
    ]


def _sql(figures: dict[str, Any]) -> list[str]:
    (pointworth, models), (floor, steps) = figures["sql"].items()
    ours, theirs = by_group(models), by_group(steps)
    load = figures["parts"]["load the landing"]
    floor_in_all, computed = computing_alone(figures["sql"])

    def row(name: str, base: float, own: float) -> tuple[str, str, str, str]:
        return name, f"{base:.2f}", f"{own:.2f}", f"{own / max(base, 1e-9):.1f}"

    return [
        table(
            ("part", f"{floor}, s", f"{pointworth}, s", "ratio"),
            [
                ("landing loaded as text", "", f"{load:.2f}", ""),
                (CHECKS, "", f"{ours[CHECKS]:.2f}", ""),
                *(row(name, theirs[name], ours[name]) for name in ours if name != CHECKS),
                row("**computing alone**", floor_in_all, computed),
                row("**with loading and checking**", floor_in_all, load + sum(ours.values())),
            ],
        ),
        table(
            ("slowest models", "part", "seconds"),
            [
                (f"`{model['model']}`", model["group"], f"{model['seconds']:.2f}")
                for model in sorted(models, key=lambda model: -float(model["seconds"]))[:12]
            ],
            left=2,
        ),
    ]


def readers(figures: dict[str, Any]) -> list[str]:
    """Latencies while the file is replaced."""
    columns = ("queries", "queries_per_second", "p50", "p95", "p99", "max", "errors")
    whole = figures["all"]
    return [
        "## Readers while it is published",
        paragraph(
            f"""{figures["readers"]} processes ask what dashboards ask, each over a read-only
            connection of its own with one thread, opened anew after every six queries, while the
            marts ({figures["file_mib"]:,} MiB) are written and put in place
            {figures["publications"]} times on the same machine. Latency in milliseconds, opening
            included; an answer other than the one before counts as an error.
            {whole["files_read"]} different files were read."""
        ),
        table(
            ("query", "asked", "a second", "p50", "p95", "p99", "max", "errors"),
            [
                (name, *(f"{found[column]:,}" for column in columns))
                for name, found in (("**all**", whole), *figures["queries"].items())
            ],
        ),
    ]


def scaling(sizes: list[dict[str, Any]]) -> list[str]:
    """Full build and daily run by size."""
    rows = []
    for before, size in zip([None, *sizes], sizes, strict=False):
        full, daily, exponent = size["full"], size["daily"], ""
        if before:
            slower = math.log(full["seconds"] / before["full"]["seconds"])
            exponent = f"{slower / math.log(size['lines'] / before['lines']):.2f}"
        rows.append(
            (
                f"{size['lines']:,}",
                size["memory_limit"],
                f"{full['seconds']:.0f}",
                exponent,
                f"{full['peak_memory']:,}",
                f"{full['peak_disk']:,}",
                f"{daily['seconds']:.0f}",
                f"{100 * daily['seconds'] / full['seconds']:.0f} %",
                f"{size['simulation']['seconds']:.0f}",
                f"{size['simulation']['peak_memory']:,}",
            )
        )
    arrived = ", ".join(f"{rows:,} {name}" for name, rows in sizes[-1]["day"].items() if rows)
    return [
        "## Size",
        paragraph(
            f"""A consumer carrier over five years. The exponent is that of the full build's
            seconds from the size above to this one (1 = in proportion). The daily run continues
            the full build after one more day has arrived, a file per dataset (at the largest
            size: {arrived}). Memory is the peak resident size of all processes of the build, disk
            that of the warehouse folder; both in MiB."""
        ),
        table(
            (
                *("invoice lines", "memory limit", "full build, s", "exponent", "memory", "disk"),
                *("daily run, s", "of full", "simulated in, s", "simulator's memory"),
            ),
            rows,
        ),
    ]


# ---------------------------------------------------------------- Markdown


def made_by(sections: Sequence[Section]) -> list[str]:
    """Under a table: what made it, and on what."""
    return [paragraph(f"`{content['command']}` on {content['machine']}.") for content in sections]


def paragraph(text: str) -> str:
    """Text in lines that are not too long."""
    words = " ".join(text.split())
    return textwrap.fill(words, 100, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """A Markdown table; the first ``left`` columns are text, the others numbers."""
    marks = ["---" if at < left else "---:" for at in range(len(head))]
    lines = [head, marks, *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _seconds(parts: dict[str, float]) -> list[tuple[str, str]]:
    return [(name, f"{seconds:.1f}") for name, seconds in parts.items()]
