"""The page as HTML. Every text of the data is escaped here, or set as text by page.js."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pointworth.page.figures import SECTIONS, Figure

if TYPE_CHECKING:
    from pointworth.page.page import Page

MOST_ROWS = 120
_NOT_ESTIMATED = {"text", "label", "count", "day", "month", "quarter", "year", "flag", "cents"}


def document(page: "Page", assets: Mapping[str, str]) -> str:
    """The whole file."""
    from pointworth.page.page import script_hash

    text = page.words.text
    scripts = [assets["vega"], assets["page.js"]]
    policy = (
        f"default-src 'none'; script-src {' '.join(script_hash(script) for script in scripts)}; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    title = "Pointworth"
    if page.client is not None:
        title = f"{title} · {text('ui.unnamed_client', client=page.client)}"
    sections = [name for name in SECTIONS if name in ("value", "data") or _keys(page, name)]
    links = "".join(f'<a href="#{name}">{escape(text(f"section.{name}"))}</a>' for name in sections)
    body = "".join(_section(page, name) for name in sections)
    data = {"page": _embedded(page), "charts": json.loads(assets["charts.json"])}
    return (
        f'<!doctype html>\n<html lang="{page.words.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{assets['page.css']}</style></head>\n<body>"
        f'<a class="skip" href="#content">{escape(text("ui.to_content"))}</a>'
        f'<header class="top"><div class="inner"><strong>{escape(title)}</strong>'
        f'<nav aria-label="{escape(title)}">{links}</nav>{_chooser(page)}</div></header>'
        f'<main id="content">{body}{_definitions(page)}</main>\n'
        f'<script type="application/json" id="embedded">{in_script(data)}</script>\n'
        f"<script>{scripts[0]}</script>\n<script>{scripts[1]}</script>\n</body></html>\n"
    )


def in_script(data: Any) -> str:
    """Data inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _keys(page: "Page", section: str) -> list[str]:
    return [key for key, figure in page.definitions.items() if figure.section == section]


def _embedded(page: "Page") -> dict[str, Any]:
    choices = page.choices
    return {
        "segments": choices.segments,
        "periods": choices.periods,
        "kinds": choices.kinds,
        "figures": page.figures,
        "heads": page.heads,
        "marks": page.writer.marks(),
        "mostRows": MOST_ROWS,
        "notEstimated": sorted(_NOT_ESTIMATED),
        "words": {
            name: page.words.texts[f"ui.{name}"]
            for name in (
                "few", "yes", "no", "interval", "all_customers", "all_time", "not_cut",
                "descriptive", "adjusted", "randomised", "cut_table", "slider_says", "path_to",
            )
        }
        | {
            "no_rows": page.words.texts["answer.no_rows"],
            "promoters": page.words.of_value("promoter"),
            "passives": page.words.of_value("passive"),
            "detractors": page.words.of_value("detractor"),
        },
        "labels": {
            "segments": [segment_label(page, one) for one in choices.segments],
            "periods": [period_label(page, one) for one in choices.periods],
            "kinds": [kind_label(page, one) for one in choices.kinds],
        },
    }  # fmt: skip


def segment_label(page: "Page", segment: tuple[str, str]) -> str:
    """A segment as the choice shows it."""
    if segment == ("all", "all"):
        return page.words.text("ui.all_customers")
    return f"{page.words.of_value(segment[0])}: {page.words.of_value(segment[1])}"


def period_label(page: "Page", period: tuple[str, str]) -> str:
    """A period as the choice shows it."""
    grain, start = period
    return (
        page.words.text("ui.all_time") if grain == "all_time" else page.writer.write(start, grain)
    )


def kind_label(page: "Page", kind: tuple[str, str]) -> str:
    """A kind of survey as the choice shows it, with its scale where that is not NPS's own."""
    survey, scale = kind
    label = page.words.of_value(survey)
    return label if scale == "nps_0_10" else f"{label} · {page.words.of_value(scale)}"


def _chooser(page: "Page") -> str:
    selects = []
    for name, labels, ui in (
        ("segment", [segment_label(page, one) for one in page.choices.segments], "segment"),
        ("period", [period_label(page, one) for one in page.choices.periods], "period"),
        ("kind", [kind_label(page, one) for one in page.choices.kinds], "kind"),
    ):
        options = "".join(
            f'<option value="{position}">{escape(label)}</option>'
            for position, label in enumerate(labels)
        )
        label = escape(page.words.text(f"ui.{ui}"))
        selects.append(f'<select id="choose-{name}" aria-label="{label}">{options}</select>')
    theme = escape(page.words.text("ui.theme"))
    return (
        f'<div class="choose">{"".join(selects)}'
        f'<button id="theme" type="button" aria-label="{theme}" title="{theme}">◐</button></div>'
    )


def _section(page: "Page", name: str) -> str:
    text = page.words.text
    if name == "value":
        first = next(iter(page.heads.values()), "")
        return f'<section id="value" class="head" aria-live="polite">{first}</section>'
    cards = "".join(_card(page, key, page.definitions[key]) for key in _keys(page, name))
    if name == "data":
        if page.client is None:
            cards += _empty(page)
        cards += _run(page)
    return (
        f'<section id="{name}"><h2>{escape(text(f"section.{name}"))}</h2>'
        f'<p class="lead">{escape(text(f"lead.{name}"))}</p>'
        f'<div class="cards">{cards}</div></section>'
    )


def _card(page: "Page", key: str, figure: Figure) -> str:
    text = page.words.text
    found = page.default_view(key)
    view: dict[str, Any] = (
        found[1] if found else {"a": [text("answer.no_rows"), ""], "e": "", "r": []}
    )
    first, rest = view["a"]
    answer = f"<b>{escape(first)}</b>" + (f"; {escape(rest)}" if rest else "")
    evidence = view["e"]
    label = escape(text(f"ui.{evidence}")) if evidence else ""
    slider = ""
    if figure.chart == "scenarios":
        name = escape(text("ui.points_slider"))
        slider = (
            f'<label class="slider">{name} <input type="range" min="1" max="20" value="5" '
            f'id="points"></label><output for="points" id="points-say"></output>'
        )
    plot = (
        f'<div class="plot" role="img" aria-label="{escape(first)}"></div>' if figure.chart else ""
    )
    has_card = figure.mart in page.cards
    definition = (
        f' <a href="#def-{figure.mart}">{escape(text("ui.definition"))}</a>' if has_card else ""
    )
    table = _table(page, key, view["r"])
    opened = "" if figure.chart else " open"
    return (
        f'<figure class="card{" wide" if figure.is_wide else ""}" id="f-{key}" data-key="{key}">'
        f'<h3>{escape(text(f"title.{key}"))}</h3><p class="answer">{answer}</p>'
        f'<p class="scope" hidden></p>{plot}{slider}'
        f'<figcaption><span class="evidence {evidence}"{"" if label else " hidden"}>{label}</span> '
        f"<span>{escape(text(f'means.{key}'))}{definition}</span></figcaption>"
        f"<details{opened}><summary>{escape(text('ui.table'))}</summary>"
        f'<div class="scroll" tabindex="0">{table}</div>'
        f'<pre class="query"><code>{escape(default_query(page, key))}</code></pre>'
        "</details></figure>"
    )


def default_query(page: "Page", key: str) -> str:
    """The query whose rows a figure shows at first."""
    figure = page.definitions[key]
    found = page.default_view(key)
    head, order = (str(part) for part in page.figures[key]["sql"])
    parts = dict(zip(figure.follows, (found[0] if found else "").split("\x1e"), strict=False))
    return head + "".join(_condition(name, value) for name, value in parts.items()) + order


def _condition(name: str, value: str) -> str:
    columns = {
        "segment": ("segment_dimension", "segment_value"),
        "period": ("period_grain", "period_start"),
        "kind": ("survey_kind", "score_scale"),
        "survey": ("survey_kind",),
    }[name]
    return "".join(
        " and {} = '{}'".format(column, part.replace("'", "''"))
        for column, part in zip(columns, value.split("\x1f"), strict=False)
        if part
    )


def _table(page: "Page", key: str, rows: Sequence[Sequence[Any]]) -> str:
    columns = page.figures[key]["columns"]
    shown = [position for position, column in enumerate(columns) if column[3]]
    told = next((n for n, column in enumerate(columns) if column[0] == "is_reportable"), None)
    head = "".join(
        f'<th scope="col"{_numeric(columns[n][1])}>{escape(columns[n][4])}</th>' for n in shown
    )
    lines = []
    for row in rows[:MOST_ROWS]:
        is_few = told is not None and row[told] is False
        cells = "".join(
            f"<td{_numeric(kind)}>{escape(_cell(page, row[n], kind, is_few))}</td>"
            for n, kind in ((n, columns[n][1]) for n in shown)
        )
        lines.append(f"<tr>{cells}</tr>")
    cut = ""
    if len(rows) > MOST_ROWS:
        cut = page.words.text(
            "ui.cut_table", shown=MOST_ROWS, all=page.writer.write(len(rows), "count")
        )
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        f'<p class="cut">{escape(cut)}</p>'
    )


def _cell(page: "Page", value: Any, kind: str, is_few: bool) -> str:
    if value is None and is_few and kind not in _NOT_ESTIMATED:
        return page.words.text("ui.few")
    return page.writer.write(value, kind)


def _numeric(kind: str) -> str:
    return "" if kind in ("text", "label") else ' class="n"'


def _empty(page: "Page") -> str:
    text = page.words.text
    rows = [(row["mart"], row["why"]) for row in page.facts.empty_marts]
    said = text("run.empty", count=len(rows)) if rows else text("run.no_empty")
    heads = (page.words.of_column("mart"), page.words.of_column("why"))
    return _list_card("empty", text("title.empty"), said, heads, rows, is_open=bool(rows))


def _run(page: "Page") -> str:
    text, facts = page.words.text, page.facts
    rows: list[tuple[str, str]] = []
    if facts.run:
        rows.append((text("run.run"), facts.run))
    if facts.as_of:
        rows.append((text("run.as_of"), page.writer.write(facts.as_of, "day")))
    rows.append((text("run.tests"), page.writer.write(facts.tests, "count")))
    rows.append((text("run.expectations"), page.writer.write(facts.expectations, "count")))
    if page.client is None:
        rows += [(name, str(value)) for name, value in sorted(facts.settings.items())]
    said = f"{text('run.run')} {facts.run}" if facts.run else text("answer.no_rows")
    if page.choices.known_segments > len(page.choices.segments):
        kept, known = len(page.choices.segments), page.choices.known_segments
        rows.append((text("ui.segment"), text("ui.capped", kept=kept, all=known)))
        said += "; " + text("ui.capped", kept=kept, all=known)
    heads = (page.words.of_column("setting"), page.words.of_column("value"))
    return _list_card("run", text("title.run"), said, heads, rows)


def _list_card(
    key: str,
    title: str,
    said: str,
    heads: tuple[str, str],
    rows: Sequence[tuple[str, str]],
    *,
    is_open: bool = True,
) -> str:
    lines = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    table = (
        f"<table><thead><tr><th>{escape(heads[0])}</th><th>{escape(heads[1])}</th></tr></thead>"
        f"<tbody>{lines}</tbody></table>"
        if is_open
        else ""
    )
    return (
        f'<figure class="card" id="f-{key}"><h3>{escape(title)}</h3>'
        f'<p class="answer"><b>{escape(said)}</b></p><div class="scroll" tabindex="0">{table}</div>'
        "</figure>"
    )


def _definitions(page: "Page") -> str:
    text = page.words.text
    marts = sorted({figure.mart for figure in page.definitions.values()} & page.cards.keys())
    if not marts:
        return ""
    cards = "".join(
        f'<details id="def-{mart}" lang="en"><summary><code>{mart}</code></summary>'
        f"{_prose(page.cards[mart])}</details>"
        for mart in marts
    )
    return (
        f'<section id="definitions"><h2>{escape(text("ui.definitions"))}</h2>'
        f'<p class="lead">{escape(text("ui.definitions_lead"))}</p>{cards}</section>'
    )


def _prose(card: str) -> str:
    """A metric card's paragraphs, bold, code and emphasis; anything else is text."""
    paragraphs = []
    for paragraph in card.strip().split("\n\n"):
        said = escape(" ".join(paragraph.split()), quote=False)
        said = re.sub(r"`([^`]+)`", r"<code>\1</code>", said)
        said = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", said)
        said = re.sub(r"(?<![*\w])\*([^*]+)\*(?![*\w])", r"<i>\1</i>", said)
        paragraphs.append(f"<p>{said}</p>")
    return "".join(paragraphs)
