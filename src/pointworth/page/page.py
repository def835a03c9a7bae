"""Puts the page together: what is chosen from, every figure's views, and the one file."""

import base64
import datetime
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pointworth.errors import usage_error
from pointworth.page.answers import Answer, View
from pointworth.page.catalogue import Words, words
from pointworth.page.figures import FIGURES, Figure
from pointworth.page.headline import headline
from pointworth.page.markup import document
from pointworth.page.reading import Marts, Row
from pointworth.page.writing import Writer

MOST_BYTES = 8_000_000
MOST_SEGMENTS = 150
MOST_PERIODS = 24
_ALL = ("all", "all")
_CHOSEN_BY = (
    *("segment_dimension", "segment_value", "period_grain", "period_start"),
    *("survey_kind", "score_scale", "responses"),
)


@dataclass(frozen=True)
class Facts:
    """What is known of the run beside its marts: its name, checks, settings, empty marts, and the
    headline figures of it and of the run before."""

    run: str = ""
    as_of: str | None = None
    tests: int = 0
    expectations: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    empty_marts: list[dict[str, str]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    before: list[dict[str, Any]] | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any], before: Mapping[str, Any] | None) -> "Facts":
        """The facts in the record of a run, and of the one before."""
        return cls(
            run=str(record.get("run", "")),
            as_of=record.get("as_of"),
            tests=int((record.get("tests") or {}).get("passed", 0)),
            expectations=len(record.get("validation") or ()),
            settings=dict(record.get("settings") or {}),
            empty_marts=list(record.get("empty_marts") or ()),
            figures=list(record.get("figures") or ()),
            before=list(before.get("figures") or ()) if before else None,
        )


@dataclass(frozen=True)
class Choices:
    """What a reader chooses from. The first of each is shown at first."""

    segments: list[tuple[str, str]]
    periods: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    known_segments: int


@dataclass
class Page:
    """Everything on the page, before it is written."""

    words: Words
    writer: Writer
    facts: Facts
    choices: Choices
    client: str | None
    figures: dict[str, dict[str, Any]]
    definitions: dict[str, Figure]
    heads: dict[str, str]
    cards: dict[str, str]

    def default_view(self, key: str) -> tuple[str, dict[str, Any]] | None:
        """What a figure shows at first; page.js resolves a choice in the same order."""
        figure = self.definitions[key]
        segment, kind = self.choices.segments[0], self.choices.kinds[0]
        for period in self.choices.periods:
            name = view_key(figure, segment, period, kind)
            view = self.figures[key]["views"].get(name)
            if view is not None:
                return name, view
        return None


def write_page(
    marts_file: Path,
    target: Path,
    facts: Facts,
    *,
    language: str = "en",
    client: str | None = None,
) -> None:
    """Write the page in one step: who opens it sees the old one or the new one."""
    text = render(marts_file, facts, language=language, client=client)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def render(
    marts_file: Path, facts: Facts, *, language: str = "en", client: str | None = None
) -> str:
    """The page of a file of marts."""
    page = gather(marts_file, facts, language=language, client=client)
    return document(page, assets())


def gather(
    marts_file: Path, facts: Facts, *, language: str = "en", client: str | None = None
) -> Page:
    """Read everything the page shows."""
    with Marts(marts_file) as marts:
        if client is not None:
            _require_client(marts, client)
        writer = Writer(words(language), _currency(marts))
        choices = _choices(marts, client)
        there = {
            figure.key: figure
            for figure in FIGURES
            # What no segment is chosen of tells of all clients: a client's own page leaves it out.
            if marts.has(needed(figure)) and (client is None or "segment" in figure.follows)
        }
        figures = {key: _figure(marts, one, choices, writer, client) for key, one in there.items()}
        heads = headline(marts, choices.segments, choices.kinds, writer, facts, client)
        _keep_small(figures, heads, choices)
        cards = marts.cards()
    return Page(writer.words, writer, facts, choices, client, figures, there, heads, cards)


def view_key(
    figure: Figure, segment: tuple[str, str], period: tuple[str, str], kind: tuple[str, str]
) -> str:
    """The name of a figure's view for a choice."""
    parts = {
        "segment": "\x1f".join(segment),
        "period": "\x1f".join(period),
        "kind": "\x1f".join(kind),
        "survey": kind[0],
    }
    return "\x1e".join(parts[name] for name in figure.follows)


def needed(figure: Figure) -> dict[str, set[str]]:
    """The mart of a figure with the columns it needs of it."""
    keys = {
        "segment": {"segment_dimension", "segment_value"},
        "period": {"period_grain", "period_start"},
        "kind": {"survey_kind", "score_scale"},
        "survey": {"survey_kind"},
    }
    made = "" if not figure.source else figure.source
    columns = {
        column.name
        for column in figure.columns
        if not column.source and f"as {column.name}" not in made
    }
    return {figure.mart: columns.union(figure.needs, *(keys[name] for name in figure.follows))}


def _choices(marts: Marts, client: str | None) -> Choices:
    segments = [_ALL] if client is None else [("client_id", client)]
    known, whole = 1, list(segments[0])
    if client is None and marts.has({"dim_segments": ("segment_dimension", "answers")}):
        found = marts.rows(
            "select segment_dimension, segment_value from dim_segments "
            "where segment_dimension <> 'all' "
            "order by answers desc, segment_dimension, segment_value"
        )
        known += len(found)
        kept = sorted(
            (str(row["segment_dimension"]), str(row["segment_value"]))
            for row in found[: MOST_SEGMENTS - 1]
        )
        segments += kept
    periods, kinds = [("all_time", "")], [("relational", "nps_0_10")]
    if marts.has({"nps_by_segment": _CHOSEN_BY}):
        rows = marts.rows(
            "select period_grain, period_start from nps_by_segment where period_grain in "
            "('year', 'quarter') and segment_dimension = ? and segment_value = ? "
            "group by period_grain, period_start order by period_grain desc, "
            f"period_start desc limit {MOST_PERIODS}",
            whole,
        )
        periods += [(str(row["period_grain"]), str(row["period_start"])) for row in rows]
        rows = marts.rows(
            "select survey_kind, score_scale from nps_by_segment "
            "where segment_dimension = ? and segment_value = ? "
            "group by survey_kind, score_scale order by "
            "score_scale = 'nps_0_10' desc, survey_kind = 'relational' desc, sum(responses) desc, "
            "survey_kind, score_scale",
            whole,
        )
        kinds = [(str(row["survey_kind"]), str(row["score_scale"])) for row in rows] or kinds
    return Choices(segments, periods, kinds, known)


def _figure(
    marts: Marts, figure: Figure, choices: Choices, writer: Writer, client: str | None
) -> dict[str, Any]:
    """A figure's columns and its views by the name of the choice."""
    keys = {
        "segment": "segment_dimension || '\x1f' || segment_value",
        "period": "period_grain || '\x1f' || case when period_grain = 'all_time' then '' "
        "else cast(cast(period_start as date) as varchar) end",
        "kind": "survey_kind || '\x1f' || score_scale",
        "survey": "survey_kind",
    }
    name = " || '\x1e' || ".join(keys[part] for part in figure.follows) or "''"
    columns = ", ".join(column.sql for column in figure.columns)
    where, values = figure.where, []
    if client is not None and "segment" in figure.follows:
        where = f"segment_dimension = 'client_id' and segment_value = ? and ({where})"
        values.append(client)
    query = f"select {name} as view_key, {columns} from {figure.relation} where {where}"
    if figure.order:
        query += f" order by {figure.order}"
    wanted = {"\x1f".join(segment) for segment in choices.segments}
    periods = {"\x1f".join(period) for period in choices.periods}
    position = figure.follows.index("period") if "period" in figure.follows else None
    grouped: dict[str, list[Row]] = {}
    for row in marts.rows(query, values):
        key = str(row.pop("view_key"))
        parts = key.split("\x1e")
        if "segment" in figure.follows and parts[0] not in wanted:
            continue
        if position is not None and parts[position] not in periods:
            continue
        grouped.setdefault(key, []).append(row)
    if not grouped and not figure.follows:
        grouped[""] = []
    views = {key: _view(figure, _largest(figure, rows), writer) for key, rows in grouped.items()}
    return {
        "chart": figure.chart,
        "follows": figure.follows,
        "options": figure.options,
        "sql": [
            f"select {columns} from {figure.relation} where {figure.where}",
            f" order by {figure.order}" if figure.order else "",
        ],
        "columns": [
            [
                column.name,
                column.kind,
                column.role,
                int(column.shown),
                writer.words.of_column(column.name),
            ]
            for column in figure.columns
        ],
        "views": views,
    }


def _largest(figure: Figure, rows: list[Row]) -> list[Row]:
    if not figure.largest:
        return rows
    group = next((column.name for column in figure.columns if column.role == "group"), "")
    counted: dict[Any, int] = {}
    kept = []
    for row in rows:
        counted[row.get(group)] = counted.get(row.get(group), 0) + 1
        if counted[row.get(group)] <= figure.largest:
            kept.append(row)
    return kept


def _view(figure: Figure, rows: list[Row], writer: Writer) -> dict[str, Any]:
    """The answer, the evidence, and the rows as the page keeps them."""
    plain = [_plain(figure, row, writer) for row in rows]
    answer: Answer = figure.answer(View(plain, writer))
    evidence = next((row["evidence"] for row in plain if row.get("evidence")), "")
    return {
        "a": [answer.first, answer.rest],
        "e": evidence,
        "r": [[row[column.name] for column in figure.columns] for row in plain],
    }


def _plain(figure: Figure, row: Row, writer: Writer) -> Row:
    """A row of plain values; a label in words, its code beside it."""
    plain: Row = {}
    for column in figure.columns:
        value = row[column.name]
        if isinstance(value, Decimal):
            value = float(value)
        elif isinstance(value, datetime.date):
            value = value.isoformat()[:10]
        if isinstance(value, float):
            value = float(f"{value:.9g}")
            if value != value or value in (float("inf"), float("-inf")):
                value = None
        if column.kind == "label" and value is not None:
            plain[f"{column.name}_code"] = value
            value = writer.words.of_value(value)
        plain[column.name] = value
    return plain


def _keep_small(
    figures: dict[str, dict[str, Any]], heads: dict[str, str], choices: Choices
) -> None:
    """Let go of the smallest segments until what is embedded is below the limit."""
    sizes: dict[str, int] = {}
    for figure in figures.values():
        for key, view in figure["views"].items():
            owner = key.split("\x1e")[0] if "segment" in figure["follows"] else ""
            sizes[owner] = sizes.get(owner, 0) + len(json.dumps(view))
    for key, head in heads.items():
        owner = key.split("\x1e")[0]
        sizes[owner] = sizes.get(owner, 0) + len(head)
    room = MOST_BYTES - sizes.pop("", 0)
    dropped = set()
    for segment in list(choices.segments):
        name = "\x1f".join(segment)
        room -= sizes.get(name, 0)
        if room < 0 and segment is not choices.segments[0]:
            choices.segments.remove(segment)
            dropped.add(name)
    if not dropped:
        return
    for figure in figures.values():
        if "segment" in figure["follows"]:
            for key in [key for key in figure["views"] if key.split("\x1e")[0] in dropped]:
                del figure["views"][key]
    for key in [key for key in heads if key.split("\x1e")[0] in dropped]:
        del heads[key]


def _currency(marts: Marts) -> str:
    if marts.has({"revenue_per_point": ("currency",)}):
        rows = marts.rows(
            "select currency from revenue_per_point where currency is not null limit 1"
        )
        if rows:
            return str(rows[0]["currency"])
    return "EUR"


def _require_client(marts: Marts, client: str) -> None:
    known: Sequence[Row] = ()
    if marts.has({"dim_segments": ("segment_dimension", "segment_value")}):
        known = marts.rows(
            "select segment_value from dim_segments where segment_dimension = 'client_id' "
            "order by segment_value"
        )
    names = [str(row["segment_value"]) for row in known]
    if client not in names:
        shown = ", ".join(names[:10]) or "none"
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        raise usage_error(f"No client {client} is published: there are {shown}{more}.")


@cache
def assets() -> dict[str, str]:
    """The style sheet, the scripts and the charts, by their names."""
    folder = resources.files("pointworth.page")
    found = {
        name: (folder / name).read_text(encoding="utf-8")
        for name in ("page.css", "page.js", "charts.json")
    }
    vendor = folder / "vendor"
    scripts = []
    for name in ("vega.min.js", "vega-lite.min.js", "vega-interpreter.js"):
        text = (vendor / name).read_text(encoding="utf-8")
        scripts.append(re.sub(r"//# sourceMappingURL=.*", "", text))
    # The interpreter is a module of two imports, which vega brings, and one export.
    scripts[2] = (
        "const pointworthInterpreter = (() => {"
        + re.sub(
            r"^import (\{.*\}) from 'vega-util';", r"const \1 = vega;", scripts[2], flags=re.M
        ).replace("export { expression as expressionInterpreter };", "return expression;")
        + "})();"
    )
    found["vega"] = "\n".join(scripts)
    return found


def script_hash(script: str) -> str:
    """What a Content-Security-Policy calls a script by."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
