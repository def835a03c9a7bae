"""RESULTS.md from the measured sections."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured"
RESULTS = HERE / "RESULTS.md"

HEAD = """# Measured

Written by `make bench`; each table names the command that made it, the machine and the versions.
Every figure is of one run. Numbers of one table are comparable with each other, those of two
machines or two hours are not.
"""


def save(section: str, command: str, machine: str, figures: dict[str, Any]) -> None:
    """Keep the figures of a section, and write RESULTS.md from all sections."""
    MEASURED.mkdir(exist_ok=True)
    content = {"command": command, "machine": machine, "figures": figures}
    (MEASURED / f"{section}.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    RESULTS.write_text(page(read(MEASURED)), "utf-8")


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """The measured sections by name."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }


def page(sections: dict[str, dict[str, Any]]) -> str:
    """The whole page."""
    scales = [content for name, content in sections.items() if name.startswith("scale-")]
    scales.sort(key=lambda content: content["figures"]["lines"])
    parts = [HEAD]
    for name, write in (("demo", demo), ("comparison", comparison), ("readers", readers)):
        if name in sections:
            parts.append(write(sections[name]["figures"]) + made_by([sections[name]]))
    if scales:
        parts.append(scaling([content["figures"] for content in scales]) + made_by(scales))
    return "\n".join(parts)


def made_by(sections: Sequence[dict[str, Any]]) -> str:
    """Under a table: what made it, and on what."""
    lines = dict.fromkeys(
        f"`{content['command']}` on {content['machine']}." for content in sections
    )
    return "\n" + "\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """A Markdown table; the first ``left`` columns are text, the others numbers."""
    marks = ["---" if at < left else "---:" for at in range(len(head))]
    lines = [head, marks, *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def demo(figures: dict[str, Any]) -> str:
    rows = [("in all", f"{figures['seconds']:.0f}")]
    rows += [(name, f"{seconds:.1f}") for name, seconds in figures["parts"].items()]
    return f"""## The demo

Simulate 6,000 customers of a business operator, build and publish: target 60 s, peak memory
{figures["peak_memory"]:,} MiB.

{table(("part", "seconds"), rows)}"""


def comparison(figures: dict[str, Any]) -> str:
    contenders = figures["contenders"]
    (pointworth, whole), *_ = contenders.items()
    rows = []
    for name, found in contenders.items():
        if "missing" in found:
            rows.append((name, found["does"], "not run:", found["missing"], ""))
            continue
        rows.append(
            (
                name,
                found["does"],
                f"{found['seconds']:.1f}",
                f"{found['seconds'] / whole['seconds']:.2f}",
                f"{found['peak_memory']:,}",
            )
        )
    return f"""## The three headline marts, by Pointworth and by what one would write instead

`nps_by_segment` (scores and intervals, all periods and segments), `churn_after_score`
(categories, both gaps, all windows, adjusted and not) and `revenue_per_point` (adjusted, all
segments, with error and split) from the same Parquet files: {figures["lines"]:,} invoice lines, {
        figures[
            "customers"
        ]:,} customers. In the same run every answer was compared with Pointworth's:
counts equal, doubles to a millionth. The scripts compute these columns and nothing else, from
data known to be clean.

{
        table(
            ("contender", "what it does", "seconds", f"× {pointworth}", "peak memory, MiB"),
            rows,
            left=2,
        )
    }
### Where Pointworth's seconds go

{table(("part", "seconds"), [(n, f"{s:.1f}") for n, s in figures["parts"].items()])}
{_fixed(figures)}

### The SQL of the three marts alone, against the floor

Each model run once more after the other, without dbt, from the loaded landing; the floor is
`benchmarks/contenders/handwritten.sql`. Pointworth's models compute more columns than the script
(revenue weights, comparisons with the previous period and the rest, response rates, coverage;
risk by score and of the silent; the unadjusted slope, the discounted one, the placebo), and write
every step to disk.

{_sql(figures)}"""


def _fixed(figures: dict[str, Any]) -> str:
    parts = figures["parts"]
    fixed = sum(
        seconds
        for name, seconds in parts.items()
        if name not in ("models", "tests", "load the landing")
    )
    return (
        "Of these, dbt's parsing and running, the validation before and after, and the "
        f"publication take {fixed:.1f} s, the tests {parts['tests']:.1f} s."
    )


def _sql(figures: dict[str, Any]) -> str:
    (pointworth, models), (floor, steps) = figures["sql"].items()
    ours, theirs = _by_group(models), _by_group(steps)
    checks = "rows checked and typed"
    load = figures["parts"]["load the landing"]
    rows = [("landing loaded as text", "", f"{load:.1f}", "")]
    for group in ours:
        base = theirs.get(group, 0.0)
        ratio = "" if group == checks else f"{ours[group] / max(base, 1e-9):.1f}"
        shown = "" if group == checks else f"{base:.2f}"
        rows.append((group, shown, f"{ours[group]:.2f}", ratio))
    computed = sum(seconds for group, seconds in ours.items() if group != checks)
    all_theirs = sum(theirs.values())
    rows.append(
        (
            "**computing alone**",
            f"{all_theirs:.2f}",
            f"{computed:.2f}",
            f"{computed / all_theirs:.1f}",
        )
    )
    everything = load + sum(ours.values())
    rows.append(
        (
            "**with loading and checking**",
            f"{all_theirs:.2f}",
            f"{everything:.2f}",
            f"{everything / all_theirs:.1f}",
        )
    )
    slowest = sorted(models, key=lambda model: -model["seconds"])[:12]
    return (
        table(("part", f"{floor}, s", f"{pointworth}, s", "ratio"), rows)
        + "\n"
        + table(
            ("slowest models", "part", "seconds"),
            [(f"`{m['model']}`", m["group"], f"{m['seconds']:.2f}") for m in slowest],
            left=2,
        )
    )


def _by_group(steps: Iterable[dict[str, Any]]) -> dict[str, float]:
    groups: dict[str, float] = {}
    for step in steps:
        groups[step["group"]] = groups.get(step["group"], 0.0) + step["seconds"]
    return groups


def readers(figures: dict[str, Any]) -> str:
    columns = ("queries", "queries_per_second", "p50", "p95", "p99", "max", "errors")
    rows = [
        (name, *(f"{found[column]:,}" for column in columns))
        for name, found in (("**all**", figures["all"]), *figures["queries"].items())
    ]
    return f"""## Readers while it is published

{figures["readers"]} processes ask what dashboards ask, each over a read-only connection of its
own with one thread, opened anew after every six queries, while the marts ({figures["file_mib"]:,}
MiB) are written and put in place {figures["publications"]} times on the same machine. Latency in
milliseconds, opening included; an answer other than the one before counts as an error.
{figures["all"]["files_read"]} different files were read.

{table(("query", "asked", "a second", "p50", "p95", "p99", "max", "errors"), rows)}"""


def scaling(sizes: list[dict[str, Any]]) -> str:
    rows = []
    before: dict[str, Any] | None = None
    for size in sizes:
        full, daily = size["full"], size["daily"]
        exponent = ""
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
        before = size
    day = sizes[-1]["day"]
    arrived = ", ".join(f"{rows:,} {name}" for name, rows in day.items() if rows)
    return f"""## Size

A consumer carrier over five years. The exponent is that of the full build's seconds from the size
above to this one (1 = in proportion). The daily run continues the full build after one more day
has arrived, one file per dataset (at the largest size {arrived}). Memory is the peak resident
size of all processes of the build, disk that of the warehouse folder; both in MiB.

{
        table(
            (
                *("invoice lines", "memory limit", "full build, s", "exponent", "memory", "disk"),
                *("daily run, s", "of full", "simulated in, s", "simulator's memory"),
            ),
            rows,
        )
    }"""
