"""What a director reads first: one sentence, one bar, four facts; levers, and what has changed.

One piece of markup for each segment and kind of survey, every text of the data escaped.
"""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pointworth.page.reading import Marts, Row
from pointworth.page.writing import Writer

if TYPE_CHECKING:
    from pointworth.page.page import Facts

_VALUE = {
    "segment_dimension", "segment_value", "adjustment", "base", "revenue_per_point", "lower",
    "upper", "churn_component", "wallet_component", "horizon_months", "customers",
    "projected_share", "placebo_z", "placebo_share", "is_placebo_clean", "is_reportable",
    "share_of_annual_revenue",
}  # fmt: skip
_SCORE = {
    "segment_dimension", "segment_value", "survey_kind", "score_scale", "period_grain",
    "period_start", "nps", "lower", "upper", "responses", "nps_change", "is_significant",
    "revenue_coverage", "is_reportable",
}  # fmt: skip
_LEVER = {"segment_dimension", "segment_value", "strength_rank", "lever", "points", "revenue"}
_RISK = {"score_group", "score_group_kind", "gap_days", "window_days", "adjustment", "risk_ratio"}
NEEDS = {
    "revenue_per_point": _VALUE,
    "nps_by_segment": _SCORE,
    "improvement_levers": _LEVER,
    "churn_after_score": _RISK,
}
"""The marts of the headline with the columns it needs of them."""
_SINCE = ("nps", "revenue_per_point", "churn_120_ratio")
_FACTS = 4


def headline(
    marts: Marts,
    segments: Sequence[tuple[str, str]],
    kinds: Sequence[tuple[str, str]],
    writer: Writer,
    facts: "Facts",
    client: str | None,
) -> dict[str, str]:
    """The markup by segment and kind."""
    values = _by_segment(
        marts,
        "revenue_per_point",
        _VALUE,
        "where base = 'active_customers' and adjustment = 'adjusted'",
    )
    scores = {
        (
            row["segment_dimension"],
            row["segment_value"],
            row["survey_kind"],
            row["score_scale"],
        ): row
        for row in _rows(
            marts,
            "nps_by_segment",
            _SCORE,
            "where period_grain = 'quarter' and is_reportable order by period_start",
        )
    }
    levers: dict[tuple[str, str], list[Row]] = {}
    for row in _rows(
        marts, "improvement_levers", _LEVER, "where strength_rank <= 3 order by strength_rank"
    ):
        levers.setdefault((row["segment_dimension"], row["segment_value"]), []).append(row)
    risk = None
    if client is None:
        risk = next(
            iter(
                _rows(
                    marts,
                    "churn_after_score",
                    _RISK,
                    "where score_group_kind = 'category' and score_group = 'detractor' "
                    "and window_days = 120 and gap_days = 0 and adjustment = 'unadjusted'",
                )
            ),
            None,
        )
    since = _since(writer, facts) if client is None else ""
    return {
        "\x1e".join(("\x1f".join(segment), "\x1f".join(kind))): _markup(
            values.get(segment),
            scores.get((*segment, *kind)),
            levers.get(segment, []),
            risk,
            since,
            writer,
            facts,
        )
        for segment in segments
        for kind in kinds
    }


def _rows(marts: Marts, mart: str, needs: set[str], conditions: str) -> list[Row]:
    return marts.rows(f"select * from {mart} {conditions}") if marts.has({mart: needs}) else []


def _by_segment(
    marts: Marts, mart: str, needs: set[str], conditions: str
) -> dict[tuple[str, str], Row]:
    return {
        (row["segment_dimension"], row["segment_value"]): row
        for row in _rows(marts, mart, needs, conditions)
    }


def _markup(
    value: Row | None,
    score: Row | None,
    levers: Sequence[Row],
    risk: Row | None,
    since: str,
    writer: Writer,
    facts: "Facts",
) -> str:
    text = writer.words.text
    above = []
    if facts.as_of:
        above.append(text("ui.as_of", day=writer.write(facts.as_of, "day")))
    if value is not None:
        above.append(text("ui.behind", count=writer.write(value["customers"], "count")))
    parts = [f'<p class="above">{escape(" · ".join(above))}</p>', _sentence(value, writer)]
    cards = [*_score_facts(score, writer)]
    if risk is not None and risk["risk_ratio"] is not None:
        low, high = risk["risk_ratio_lower"], risk["risk_ratio_upper"]
        is_told = low is not None and not low <= 1 <= high
        cards.append(
            _fact(
                text("head.leave"),
                writer.write(risk["risk_ratio"], "ratio"),
                text(
                    "head.leave_note" if is_told else "head.leave_untold",
                    interval=writer.interval(low, high, "ratio"),
                ),
            )
        )
    if value is not None and value["is_placebo_clean"] is not None:
        share = writer.write(value["placebo_share"], "shift")
        cards.append(
            _fact(
                text("head.placebo"),
                text("head.clean" if value["is_placebo_clean"] else "head.not_clean"),
                text(
                    "head.placebo_note", z=writer.write(value["placebo_z"], "points"), share=share
                ),
            )
        )
    if score is not None and score["revenue_coverage"] is not None:
        cards.append(
            _fact(
                text("head.coverage"),
                writer.write(score["revenue_coverage"], "share"),
                text("head.coverage_note"),
            )
        )
    if value is not None and value["share_of_annual_revenue"] is not None:
        cards.append(
            _fact(
                text("head.share"),
                writer.write(value["share_of_annual_revenue"], "share"),
                text("head.share_note"),
            )
        )
    for start in range(0, len(cards), _FACTS):
        chunk = cards[start : start + _FACTS]
        parts.append(f'<div class="facts n{len(chunk)}">{"".join(chunk)}</div>')
    items = "".join(
        "<li>"
        + escape(
            text(
                "head.lever",
                lever=writer.words.of_value(row["lever"]),
                points=writer.write(row["points"], "points"),
                money=writer.write(row["revenue"], "money"),
            )
        )
        + "</li>"
        for row in levers
    )
    told = (
        f"<ol>{items}</ol><p class='note'>{escape(text('head.levers_note'))}</p>"
        if items
        else f"<p>{escape(text('head.no_lever'))}</p>"
    )
    parts.append(
        f'<div class="two"><div><h3>{escape(text("head.levers"))}</h3>{told}</div>{since}</div>'
    )
    return "".join(parts)


def _sentence(value: Row | None, writer: Writer) -> str:
    text = writer.words.text
    if value is None:
        return f"<h1>{escape(text('head.missing'))}</h1>"
    if value["revenue_per_point"] is None:
        return f"<h1>{escape(text('head.few'))}</h1>"
    money = writer.write(value["revenue_per_point"], "money")
    is_told = value["lower"] is None or value["lower"] > 0 or value["upper"] < 0
    if is_told:
        marked = text("head.value", money="\x00", months=value["horizon_months"])
        said = escape(marked).replace("\x00", f"<em>{escape(money)}</em>")
    else:
        said = escape(text("head.untold"))
    notes = ""
    if value["lower"] is not None:
        notes = text(
            "head.between",
            lower=writer.write(value["lower"], "money"),
            upper=writer.write(value["upper"], "money"),
        )
    if value["projected_share"]:
        notes += (
            f" {text('head.projected', share=writer.write(value['projected_share'], 'share'))}."
        )
    return f'<h1>{said}</h1><p class="lead">{escape(notes)}</p>{_bar(value, writer)}'


def _bar(value: Row, writer: Writer) -> str:
    """The value as a bar of its two parts; as words alone where one of them is below zero."""
    churn, wallet = value["churn_component"], value["wallet_component"]
    if churn is None or wallet is None:
        return ""
    words = [
        writer.words.text(f"head.{name}", money=writer.write(amount, "money"))
        for name, amount in (("churn", churn), ("wallet", wallet))
    ]
    if churn < 0 or wallet < 0 or churn + wallet <= 0:
        return f'<p class="parts">{escape("; ".join(words))}</p>'
    share = 100 * churn / (churn + wallet)
    return (
        f'<div class="bar"><span class="churn" style="flex:{share:.2f}">{escape(words[0])}</span>'
        f'<span class="wallet" style="flex:{100 - share:.2f}">{escape(words[1])}</span></div>'
    )


def _score_facts(score: Row | None, writer: Writer) -> list[str]:
    text = writer.words.text
    if score is None:
        return []
    facts = [
        _fact(
            text("head.score", when=writer.write(score["period_start"], "quarter")),
            writer.write(score["nps"], "score"),
            text(
                "head.score_note",
                interval=writer.interval(score["lower"], score["upper"], "score"),
                count=writer.write(score["responses"], "count"),
            ),
        )
    ]
    if score["nps_change"] is not None:
        facts.append(
            _fact(
                text("head.change"),
                writer.write(score["nps_change"], "points"),
                text("head.change_told" if score["is_significant"] else "head.change_untold"),
            )
        )
    return facts


def _fact(label: str, value: str, note: str) -> str:
    return (
        f'<div class="fact"><p>{escape(label)}</p><p class="big">{escape(value)}</p>'
        f"<p>{escape(note)}</p></div>"
    )


def _since(writer: Writer, facts: "Facts") -> str:
    """The headline figures that are others than in the run before."""
    text = writer.words.text
    lines: list[str] = []
    if facts.before is None:
        said = f"<p>{escape(text('head.since_none'))}</p>"
    else:
        labels = {
            "nps": text("head.nps"),
            "revenue_per_point": text("head.point"),
            "churn_120_ratio": text("head.leave"),
        }
        kinds = {"nps": "step", "churn_120_ratio": "ratio"}
        before = {figure["key"]: figure for figure in facts.before}
        for figure in facts.figures:
            key = figure["key"]
            old: dict[str, Any] | None = before.get(key)
            if key not in _SINCE or old is None or old["value"] == figure["value"]:
                continue
            kind = kinds.get(key, "money")
            was, now = writer.write(old["value"], kind), writer.write(figure["value"], kind)
            if was != now:
                lines.append(text("head.since_line", figure=labels[key], before=was, after=now))
        said = (
            "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
            if lines
            else f"<p>{escape(text('head.since_same'))}</p>"
        )
    return f"<div><h3>{escape(text('head.since'))}</h3>{said}</div>"
