"""The sentence that answers a figure's question, from its rows; no winner where none can be told.

An answer is two parts: what is printed bold, and the words after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pointworth.page.writing import Writer

Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What is said first, and what after it."""

    first: str
    rest: str = ""


@dataclass(frozen=True)
class View:
    """The rows a figure shows for one choice, and who writes."""

    rows: list[Row]
    writer: Writer

    @property
    def told(self) -> list[Row]:
        """The rows with enough behind them."""
        return [row for row in self.rows if row.get("is_reportable", True) is not False]

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the catalogue."""
        return self.writer.words.text(f"answer.{key}", **values)

    def write(self, value: Any, kind: str) -> str:
        """A value as the language writes it."""
        return self.writer.write(value, kind)

    def told_with(self, *names: str) -> list[Row]:
        """The rows with enough behind them that have these values."""
        return [row for row in self.told if all(row.get(name) is not None for name in names)]

    def none(self) -> Answer:
        """Nothing can be told, or too few are behind it."""
        return Answer(self.say("few") if self.rows else self.say("no_rows"))


def _is_sure(row: Row, lower: str = "lower", upper: str = "upper") -> bool:
    return row[lower] is not None and (row[lower] > 0 or row[upper] < 0)


def _strongest(rows: Iterable[Row], value: str, lower: str, upper: str) -> list[Row]:
    sure = [row for row in rows if row[value] is not None and _is_sure(row, lower, upper)]
    return sorted(sure, key=lambda row: -abs(row[value]))


def score_trend(view: View) -> Answer:
    """The latest quarter, whether its change can be told from none, and the first."""
    rows = view.told_with("nps")
    if not rows:
        return view.none()
    first, last = rows[0], rows[-1]
    rest = view.say(
        "score_first",
        value=view.write(first["nps"], "score"),
        when=view.write(first["period_start"], "quarter"),
    )
    return Answer(
        view.say(
            "score_last",
            value=view.write(last["nps"], "score"),
            when=view.write(last["period_start"], "quarter"),
            interval=view.writer.interval(last["lower"], last["upper"], "score"),
        ),
        rest,
    )


def target(view: View) -> Answer:
    """How far the score is from the path to its target, and how likely it gets there."""
    rows = view.told_with("nps", "path_nps")
    if not rows:
        return view.none()
    last = rows[-1]
    gap = last["nps"] - last["path_nps"]
    is_told = not last["lower"] <= last["path_nps"] <= last["upper"]
    first = view.say(
        ("target_ahead" if gap > 0 else "target_behind") if is_told else "target_untold",
        gap=view.write(abs(gap), "step"),
        target=view.write(last["target"], "score"),
        when=view.write(last["reached_on"], "year"),
    )
    chance = last["on_track_probability"]
    return Answer(
        first,
        view.say("target_chance", chance=view.write(chance, "share")) if chance is not None else "",
    )


def categories(view: View) -> Answer:
    """The shares of the latest year."""
    rows = view.told_with("promoter_share")
    if not rows:
        return view.none()
    last = rows[-1]
    return Answer(
        view.say(
            "categories",
            promoters=view.write(last["promoter_share"], "share"),
            detractors=view.write(last["detractor_share"], "share"),
            when=view.write(last["period_start"], "year"),
        ),
        view.say("categories_legend"),
    )


def differences(view: View) -> Answer:
    """The dimension that differs most among those where a group differs from the rest."""
    best: tuple[float, Row, Row] | None = None
    by_dimension: dict[str, list[Row]] = {}
    for row in view.told_with("nps"):
        by_dimension.setdefault(row["segment_dimension"], []).append(row)
    for rows in by_dimension.values():
        sure = [row for row in rows if row["is_different_from_rest"]]
        if sure and len(rows) > 1:
            low, high = (extreme(rows, key=lambda row: float(row["nps"])) for extreme in (min, max))
            spread = high["nps"] - low["nps"]
            if best is None or spread > best[0]:
                best = spread, low, high
    if best is None:
        return Answer(view.say("untold")) if view.told_with("nps") else view.none()
    _, low, high = best
    return Answer(
        view.say(
            "differences",
            dimension=low["segment_dimension"],
            low=view.write(low["nps"], "score"),
            low_value=low["segment_value"],
            high=view.write(high["nps"], "score"),
            high_value=high["segment_value"],
        ),
        view.say("differences_legend"),
    )


def weighted(view: View) -> Answer:
    """The latest year's two scores; whether their intervals overlap."""
    rows = view.told_with("score", "lower")
    if len(rows) < 2:
        return view.none()
    year = rows[-1]["period_start"]
    pair = [row for row in rows if row["period_start"] == year]
    if len(pair) < 2:
        return view.none()
    by_revenue, plain = sorted(pair, key=lambda row: row["tone"] == "figure")
    overlaps = by_revenue["lower"] <= plain["upper"] and plain["lower"] <= by_revenue["upper"]
    return Answer(
        view.say(
            "weighted",
            weighted=view.write(by_revenue["score"], "score"),
            plain=view.write(plain["score"], "score"),
            when=view.write(year, "year"),
        ),
        view.say("weighted_overlap" if overlaps else "weighted_apart"),
    )


def asked(view: View) -> Answer:
    """The latest rate, and whether the silent leave otherwise."""
    rows = view.told_with("response_rate")
    if not rows:
        return view.none()
    last = rows[-1]
    first = view.say(
        "asked",
        rate=view.write(last["response_rate"], "share"),
        when=view.write(last["period_start"], "quarter"),
    )
    followed = [row for row in rows if row["churn_difference_lower"] is not None]
    if not followed:
        return Answer(first)
    row = followed[-1]
    if not _is_sure(row, "churn_difference_lower", "churn_difference_upper"):
        return Answer(first, view.say("silent_untold"))
    return Answer(
        first,
        view.say(
            "silent_more" if row["churn_difference"] > 0 else "silent_less",
            difference=view.write(abs(row["churn_difference"]), "share"),
        ),
    )


def change(view: View) -> Answer:
    """The part that moved the score most, of those that can be told from none."""
    rows = view.told_with("points", "nps")
    if not rows:
        return view.none()
    rest = view.say(
        "change_total",
        before=view.write(rows[0]["previous_nps"], "score"),
        after=view.write(rows[0]["nps"], "score"),
    )
    sure = _strongest(rows, "points", "lower", "upper")
    if not sure:
        return Answer(view.say("change_untold"), rest)
    parts = [f"{row['part_value']} ({view.write(row['points'], 'points')})" for row in sure[:2]]
    return Answer(view.say("change", parts=", ".join(parts)), rest)


def drivers(view: View) -> Answer:
    """The rating whose step is worth most."""
    sure = _strongest(
        view.told,
        "points_one_step_better",
        "points_one_step_better_lower",
        "points_one_step_better_upper",
    )
    if not sure:
        return Answer(view.say("untold")) if view.told else view.none()
    best = sure[0]
    return Answer(
        view.say(
            "drivers",
            label=best["label"],
            points=view.write(best["points_one_step_better"], "points"),
        ),
        view.say("drivers_legend"),
    )


def journey(view: View) -> Answer:
    """The experiences that cost points beyond chance."""
    rows = view.told_with("points_lost")
    if not rows:
        return view.none()
    costly = [row for row in rows if row["is_significant"] and row["points_lost"] > 0]
    if not costly:
        return Answer(view.say("journey_untold"), view.say("journey_legend"))
    costly.sort(key=lambda row: -row["points_lost"])
    parts = [
        f"{row['stage_label']} · {row['exposure']} ({view.write(-row['points_lost'], 'points')})"
        for row in costly[:2]
    ]
    return Answer(view.say("journey", parts=", ".join(parts)), view.say("journey_legend"))


def touchpoints(view: View) -> Answer:
    """The lowest and the highest, where their intervals do not overlap."""
    rows = view.told_with("nps", "lower")
    if not rows:
        return view.none()
    low, high = (extreme(rows, key=lambda row: float(row["nps"])) for extreme in (min, max))
    if low["upper"] >= high["lower"]:
        return Answer(view.say("untold"))
    return Answer(
        view.say(
            "touchpoints",
            low=f"{low['stage_label']}, {low['channel']}",
            low_value=view.write(low["nps"], "score"),
            high=f"{high['stage_label']}, {high['channel']}",
            high_value=view.write(high["nps"], "score"),
        )
    )


def themes(view: View) -> Answer:
    """The theme that costs most and the one that brings most."""
    sure = _strongest(view.told, "points", "points_lower", "points_upper")
    if not sure:
        return Answer(view.say("untold")) if view.told_with("points") else view.none()
    parts = []
    for key, sign in (("themes_cost", -1), ("themes_bring", 1)):
        found = next((row for row in sure if sign * row["points"] > 0), None)
        if found:
            points = view.write(found["points"], "points")
            parts.append(view.say(key, theme=found["theme"], points=points))
    return Answer(parts[0], "; ".join([*parts[1:], view.say("themes_legend")]))


def levers(view: View) -> Answer:
    """The lever with most points whose interval is above none."""
    sure = _strongest(view.told, "points", "lower", "upper")
    if not sure:
        return Answer(view.say("levers_untold"))
    best = sure[0]
    return Answer(
        view.say(
            "levers",
            lever=best["lever"],
            points=view.write(best["points"], "points"),
            revenue=view.write(best["revenue"], "money"),
        ),
        view.say("levers_legend"),
    )


def risk(view: View) -> Answer:
    """How many times as often detractors leave as promoters."""
    rows = {row["score_group_code"]: row for row in view.told_with("risk")}
    low = rows.get("detractor")
    if low is None or low["risk_ratio"] is None:
        return view.none() if not rows else Answer(view.say("risk_legend"))
    ratio = view.write(low["risk_ratio"], "ratio")
    if low["risk_ratio_lower"] is None or low["risk_ratio_lower"] <= 1 <= low["risk_ratio_upper"]:
        return Answer(view.say("risk_untold"), view.say("risk_legend"))
    interval = view.writer.interval(low["risk_ratio_lower"], low["risk_ratio_upper"], "ratio")
    return Answer(view.say("risk", ratio=ratio, interval=interval), view.say("risk_legend"))


def survival(view: View) -> Answer:
    """Who is still there after a year."""
    parts = []
    for category in ("promoter", "detractor"):
        known = [
            row
            for row in view.told_with("survival")
            if row["tone"] == category and row["day"] <= 365
        ]
        if known and any(row["tone"] == category and row["day"] > 365 for row in view.rows):
            row = known[-1]
            parts.append(f"{row['category']}: {view.write(row['survival'], 'share')}")
    if not parts:
        return view.none()
    return Answer(view.say("survival", parts=", ".join(parts)))


def cohorts(view: View) -> Answer:
    """What cohorts kept after a year, from the least to the most."""
    name = "retention_rate" if view.rows and "retention_rate" in view.rows[0] else ""
    name = name or "net_revenue_retention"
    kept = [row[name] for row in view.told_with(name) if row["months_since"] == 12]
    if not kept:
        return view.none()
    if len(kept) == 1:
        return Answer(view.say("cohort", kept=view.write(kept[0], "share")))
    return Answer(
        view.say(
            "cohorts", least=view.write(min(kept), "share"), most=view.write(max(kept), "share")
        ),
        view.say("cohorts_legend"),
    )


def campaigns(view: View) -> Answer:
    """The best and the harmful, of those that can be told from none."""
    rows = view.told_with("relative_reduction")
    if not rows:
        return view.none()
    names = ("relative_reduction", "relative_reduction_lower", "relative_reduction_upper")
    sure = _strongest(rows, *names)
    if not sure:
        return Answer(view.say("campaigns_untold"), view.say("campaigns_legend"))
    sure.sort(key=lambda row: -row["relative_reduction"])
    named = sure if len(sure) == 1 else [sure[0], sure[-1]]
    parts = [
        view.say(
            "campaign_helps" if row["relative_reduction"] > 0 else "campaign_harms",
            campaign=row["campaign_id"],
            share=view.write(abs(row["relative_reduction"]), "share"),
            value=view.write(row["net_value"], "money"),
        )
        for row in named
    ]
    return Answer(parts[0], "; ".join([*parts[1:], view.say("campaigns_legend")]))


def closed_loop(view: View) -> Answer:
    """The share in time in the latest quarter."""
    rows = view.told_with("in_time_share")
    if not rows:
        return view.none()
    last = rows[-1]
    hours = last["median_hours_to_contact"]
    return Answer(
        view.say(
            "closed_loop",
            share=view.write(last["in_time_share"], "share"),
            when=view.write(last["period_start"], "quarter"),
        ),
        view.say("closed_loop_hours", hours=view.write(hours, "number"))
        if hours is not None
        else "",
    )


def calling(view: View) -> Answer:
    """What a call brought over all."""
    rows = [row for row in view.told_with("points_effect") if row["contact_kind_code"] == "all"]
    if not rows:
        return view.none()
    row = rows[0]
    if not _is_sure(row):
        interval = view.writer.interval(row["lower"], row["upper"], "points")
        return Answer(view.say("calling_untold"), interval)
    return Answer(view.say("calling", points=view.write(row["points_effect"], "points")))


def slope(view: View) -> Answer:
    """When half of the value has come."""
    rows = view.told_with("slope")
    total = sum(row["slope"] for row in rows)
    if not rows:
        return view.none()
    if total <= 0:
        return Answer(view.say("untold"))
    reached = 0.0
    for row in rows:
        reached += row["slope"]
        if reached >= total / 2:
            break
    projected = sum(bool(row["is_projected"]) for row in rows)
    return Answer(
        view.say("slope", month=row["k"], months=rows[-1]["k"]),
        view.say("slope_projected" if projected else "slope_observed"),
    )


def value_by_segment(view: View) -> Answer:
    """The segment whose point is worth most, of those that can be told from nothing."""
    sure = _strongest(view.told, "revenue_per_point", "lower", "upper")
    if not sure:
        return Answer(view.say("untold")) if view.told_with("revenue_per_point") else view.none()
    best = sure[0]
    return Answer(
        view.say(
            "value_by_segment",
            dimension=best["segment_dimension"],
            value=best["segment_value"],
            money=view.write(best["revenue_per_point"], "money"),
        ),
        view.say("value_legend"),
    )


def directions(view: View) -> Answer:
    """The step that is worth most, if the intervals let it be told."""
    rows = view.told_with("revenue_per_point", "lower")
    if not rows:
        return view.none()
    best = max(rows, key=lambda row: float(row["revenue_per_point"]))
    others = [row for row in rows if row is not best]
    if not others or best["lower"] <= max(row["upper"] for row in others):
        return Answer(view.say("directions_untold"))
    return Answer(
        view.say(
            "directions",
            direction=best["direction"],
            money=view.write(best["revenue_per_point"], "money"),
        )
    )


def scenarios(view: View) -> Answer:
    """What the largest scenario is worth."""
    rows = view.told_with("revenue")
    if not rows:
        return view.none()
    last = rows[-1]
    return Answer(
        view.say(
            "scenarios",
            points=view.write(last["points"], "step"),
            money=view.write(last["revenue"], "money"),
            interval=view.writer.interval(last["lower"], last["upper"], "money"),
        )
    )


def ledger(view: View) -> Answer:
    """Whether the months agree with the ledger."""
    rows = [row for row in view.rows if row["ledger_difference"] is not None]
    if not rows:
        return Answer(view.say("no_ledger"))
    off = [row for row in rows if abs(row["ledger_difference"]) >= 0.005]
    if not off:
        return Answer(view.say("ledger_agrees", months=len(rows)))
    worst = max(off, key=lambda row: abs(row["ledger_difference"]))
    return Answer(
        view.say("ledger_differs", off=len(off), months=len(rows)),
        view.say(
            "ledger_worst",
            month=view.write(worst["month"], "month"),
            money=view.write(worst["ledger_difference"], "cents"),
        ),
    )


def rows(view: View) -> Answer:
    """How many rows were rejected of how many."""
    read = sum(row["rows_read"] or 0 for row in view.rows)
    rejected = sum(row["rows_rejected"] or 0 for row in view.rows)
    return Answer(
        view.say("rows", read=view.write(read, "count"), rejected=view.write(rejected, "count"))
    )


def rejections(view: View) -> Answer:
    """The commonest reason."""
    if not view.rows:
        return Answer(view.say("nothing_rejected"))
    most = view.rows[0]
    return Answer(
        view.say(
            "rejections",
            reason=most["reason"],
            dataset=most["dataset"],
            count=view.write(most["rows_rejected"], "count"),
        )
    )
