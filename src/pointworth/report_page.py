"""The report of a run as one page that needs no network."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from pointworth.asking.formats import interval_text, value_text

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding: .3rem 0; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid #8884; }
td { vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.good::before { content: "✓ "; color: #18794e; } .bad::before { content: "✗ "; color: #ca244d; }
.outcome { padding: .7rem 1rem; border-left: .3rem solid #18794e; background: #18794e1a; }
.outcome.failed { border-color: #ca244d; background: #ca244d1a; }
"""


def write_report(path: Path, outcome: dict[str, Any]) -> None:
    """Write what a run did, and what was checked, for people."""
    path.write_text(render_report(outcome), encoding="utf-8")


def render_report(outcome: dict[str, Any]) -> str:
    """The page for an outcome as recorded in run.json."""
    is_published = outcome["outcome"] == "published"
    sentence = f"Published as {outcome['published']}." if is_published else str(outcome["error"])
    parts = [
        f"<h1>Pointworth run {escape(outcome['run'])}</h1>",
        f'<p class="outcome {"" if is_published else "failed"}">{escape(sentence)}</p>',
        _facts(outcome),
        _section(
            "Headline figures",
            ("Figure", "#Value", "#95 % interval", "Rests on"),
            _figures(outcome),
        ),
        _section(
            "Rows",
            ("Dataset", "#Read", "#Accepted", "#Rejected"),
            (
                (
                    row["dataset"],
                    row.get("rows_read"),
                    row.get("rows_accepted"),
                    row.get("rows_rejected"),
                )
                for row in outcome["datasets"]
            ),
        ),
        _section(
            "Why rows were rejected",
            ("Dataset", "Reason", "#Rows"),
            (
                (row["dataset"], row["reason"], row["rows_rejected"])
                for row in outcome["rejections"]
            ),
        ),
        _section(
            "Failed models and tests",
            ("Name", "Kind", "What dbt said"),
            (
                (row["name"], row["kind"], row["message"])
                for row in outcome["tests"].get("failures", ())
            ),
        ),
        _section(
            "Marts that are empty, and why",
            ("Mart", "Why"),
            ((row["mart"], row["why"]) for row in outcome["empty_marts"]),
        ),
        _section("To be known", ("Note",), ((warning,) for warning in outcome["warnings"])),
        _section(
            "Columns the contract does not know, ignored",
            ("Dataset", "File", "Column"),
            (tuple(row.values()) for row in outcome["ignored_columns"]),
        ),
        _section(
            "Oddities of accepted rows, and what was made of them",
            ("Dataset", "Found", "In", "#Rows", "What was done"),
            (
                tuple(row[name] for name in ("dataset", "found", "found_in", "row_count", "says"))
                for row in outcome["oddities"]
            ),
        ),
        _section(
            "Losses against the run before, allowed",
            ("Allowed as", "What"),
            ((loss["allowance"], loss["says"]) for loss in outcome["losses"]),
        ),
        _validation(outcome["validation"]),
        _section(
            "Steps",
            ("Step", "#Seconds"),
            ((row["name"], row["seconds"]) for row in outcome["steps"]),
        ),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Pointworth run {escape(outcome['run'])}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _facts(outcome: dict[str, Any]) -> str:
    tests = outcome["tests"]
    facts = [
        f"Landing {outcome['landing']}",
        f"as of {outcome['as_of']}" if outcome["as_of"] else "",
        f"started {outcome['started_at']}",
        f"{outcome['seconds']} seconds on {outcome['target']}",
        f"{tests['passed']} data tests passed, {tests['failed']} failed" if tests else "",
    ]
    return f"<p>{escape(' · '.join(fact for fact in facts if fact))}</p>"


def _figures(outcome: dict[str, Any]) -> Iterable[tuple[str, str, str, str]]:
    for figure in outcome["figures"]:
        unit = figure["unit"]
        yield (
            figure["label"],
            value_text(figure["value"], unit),
            interval_text(figure["lower"], figure["upper"], unit),
            figure["rests_on"],
        )


def _validation(checks: Sequence[dict[str, Any]]) -> str:
    rows = "".join(
        f'<tr><td class="{"good" if check["is_met"] else "bad"}">{escape(check["table"])}</td>'
        f"<td>{escape(check['says'])}</td><td>{escape(check['observed'])}</td></tr>"
        for check in sorted(checks, key=lambda check: bool(check["is_met"]))
    )
    if not rows:
        return ""
    met = sum(check["is_met"] for check in checks)
    return (
        f"<h2>Validation</h2><table><caption>{met} of {len(checks)} expectations met</caption>"
        f"<tr><th>Table</th><th>Expectation</th><th>Observed</th></tr>{rows}</table>"
    )


def _section(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A titled table; a column whose name begins with # holds numbers; nothing without rows."""
    numeric = [column.startswith("#") for column in columns]
    head = "".join(
        f"<th{_class(is_number)}>{escape(column.lstrip('#'))}</th>"
        for column, is_number in zip(columns, numeric, strict=True)
    )
    lines = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(is_number)}>{escape(_cell(cell))}</td>"
            for cell, is_number in zip(row, numeric, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{lines}</table>" if lines else ""


def _class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value)
