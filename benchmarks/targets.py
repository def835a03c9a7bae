"""What a build is meant to cost, beside what it was measured to cost."""

from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.headline_sql import computing_alone

Section = dict[str, Any]
Measure = Callable[[dict[str, Section]], float]


def reached(sections: dict[str, Section]) -> list[tuple[str, str, str, str]]:
    """What, how much of it was measured, the target, and whether that was reached; in the order of
    the targets, those that were measured."""
    rows = []
    for what, unit, target, measure, needed in TARGETS:
        if needed in sections:
            found = measure(sections)
            said = "yes" if found <= target else "no"
            rows.append((what, f"{found:,.2f}{unit}", f"{target:,g}{unit}", said))
    return rows


def _beside_before(shape: str, measure: str) -> Measure:
    def ratio(sections: dict[str, Section]) -> float:
        found = [s for s in sections["versions"]["figures"]["shapes"] if shape in s["shape"]]
        return float(median(s["now"][measure] / s["before"][measure] for s in found))

    return ratio


def _clients(sections: dict[str, Section]) -> float:
    found = sections["clients"]["figures"]
    return float(found["100"]["cpu_seconds"] / found["1"]["cpu_seconds"])


def _headline(sections: dict[str, Section]) -> float:
    theirs, ours = computing_alone(sections["comparison"]["figures"]["sql"])
    return ours / theirs


def _day_of_hundred(sections: dict[str, Section]) -> float:
    found = sections[_HUNDRED]["figures"]
    return float(found["daily"]["seconds"] / found["full"]["seconds"])


def _a_day_now(sections: dict[str, Section]) -> float:
    shapes = sections["versions"]["figures"]["shapes"]
    (full,) = (s["now"]["seconds"] for s in shapes if "in full" in s["shape"])
    (day,) = (s["now"]["seconds"] for s in shapes if s["shape"] == "a day more")
    return float(day / full)


def _memory(sections: dict[str, Section]) -> float:
    return float(sections["scale-100000000"]["figures"]["full"]["peak_memory"] / 1024)


def _demo(sections: dict[str, Section]) -> float:
    return float(sections["demo"]["figures"]["seconds"])


def _graph(size: str) -> Measure:
    def ratio(sections: dict[str, Section]) -> float:
        found = sections["versions"]["figures"]["graphs"]
        return float(found["now"][size] / found["before"][size])

    return ratio


def _again(sections: dict[str, Section]) -> float:
    return float(sections["unchanged"]["figures"]["again"]["seconds"])


_PATH = "models_in_a_row"
_HUNDRED = "scale-100000000"
_FEW = _beside_before("a new home", "cpu_seconds")
_FULL = _beside_before("in full", "seconds")
TARGETS: tuple[tuple[str, str, float, Measure, str], ...] = (
    ("a few answers in a new home, CPU seconds, beside before", " ×", 0.25, _FEW, "versions"),
    ("10 million lines, nothing changed", " s", 3, _again, "unchanged"),
    ("10 million lines in full, seconds, beside before", " ×", 0.5, _FULL, "versions"),
    ("100 clients beside one, as many lines, CPU seconds", " ×", 1.2, _clients, "clients"),
    ("SQL of the headline marts beside hand-written", " ×", 2.5, _headline, "comparison"),
    ("a day on 10 million lines, of the full build", " ×", 0.25, _a_day_now, "versions"),
    ("a day on 100 million lines, of the full build", " ×", 0.15, _day_of_hundred, _HUNDRED),
    ("100 million lines with `--memory-limit 8GB`, resident", " GiB", 10, _memory, _HUNDRED),
    ("the demo, once set up", " s", 15, _demo, "demo"),
    ("nodes of dbt's in a full build, beside before", " ×", 0.5, _graph("nodes"), "versions"),
    ("models one behind the other, beside before", " ×", 0.5, _graph(_PATH), "versions"),
)
"""What, its unit, the target, how it is found, and the section that it needs."""
