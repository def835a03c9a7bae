"""The charts of the page as altair specifications, checked when they are made.

They hold no data, no word and no colour: page.js gives the rows, and colours are the style
sheet's custom properties, so that light, dark and print need no drawing anew. A build reads them
from charts.json, because altair takes longer to import than the page to write; `python -m
pointworth.page.charts` writes that file again, and a test finds it equal.
"""

import json
from pathlib import Path
from typing import Any

import altair as alt

FILE = Path(__file__).with_name("charts.json")
_TONES = ["figure", "gain", "loss", "neutral", "promoter", "passive", "detractor"]
_COLOURS = ["figure", "gain", "loss", "neutral", "gain", "neutral", "loss"]
_TALL = 260
# Named and not a property: the width of words is measured where no style sheet is known.
FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_WRITTEN = "write(datum.value, KIND)"


def _colour() -> alt.Color:
    scale = alt.Scale(domain=_TONES, range=[f"var(--{name})" for name in _COLOURS])
    return alt.Color("tone:N", scale=scale, legend=None)


def _value_axis(**options: Any) -> alt.Axis:
    return alt.Axis(labelExpr=_WRITTEN, tickCount=5, title=None, **options)


def _time(grid: bool = False) -> alt.X:
    axis = alt.Axis(
        labelExpr="utcFormat(datum.value, '%Y')",
        tickCount=alt.TimeIntervalStep(interval="year", step=1),
        title=None,
        grid=grid,
    )
    return alt.X("x:T", scale=alt.Scale(type="utc", padding=14), axis=axis)


def _finished(chart: Any, height: Any = _TALL) -> dict[str, Any]:
    whole = chart.properties(width="container", height=height, background="transparent")
    whole = whole.configure(
        font=FONT,
        view=alt.ViewConfig(stroke=None),
        padding=2,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    whole = whole.configure_axis(
        labelColor="var(--soft)",
        labelFontSize=12,
        domain=False,
        ticks=False,
        gridColor="var(--grid)",
        labelPadding=6,
    ).configure_text(color="var(--ink)", fontSize=12)
    spec: dict[str, Any] = json.loads(whole.to_json())
    spec.pop("$schema")
    return spec


def _rows() -> alt.Chart:
    return alt.Chart(alt.NamedData("rows"))


def _band(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    base = _rows().encode(x=x)
    return [
        base.mark_area(color="var(--figure)", opacity=0.14).encode(y=y, y2="upper:Q"),
        base.mark_line(color="var(--figure)", strokeWidth=2).encode(y="value:Q"),
        base.transform_filter("datum.last")
        .mark_point(color="var(--figure)", filled=True, opacity=1, size=60)
        .encode(y="value:Q", tooltip="tip:N"),
        base.transform_filter("datum.last")
        .mark_text(
            align="right", dx=-4, dy=-14, fontWeight="bold", color="var(--figure)", fontSize=13
        )
        .encode(y="value:Q", text="text:N"),
        base.mark_point(opacity=0, size=120).encode(y="value:Q", tooltip="tip:N"),
    ]


def trend() -> dict[str, Any]:
    """A series in its band, with its last value at its end."""
    y = alt.Y("lower:Q", scale=alt.Scale(zero=False), axis=_value_axis())
    return _finished(alt.layer(*_band(_time(), y)))


def target() -> dict[str, Any]:
    """A series in its band, and the path to the target, dotted."""
    y = alt.Y("lower:Q", scale=alt.Scale(zero=False), axis=_value_axis())
    path = _rows().mark_line(color="var(--soft)", strokeDash=[2, 3]).encode(x=_time(), y="path:Q")
    words = (
        _rows()
        .transform_filter("datum.last")
        .mark_text(align="right", dy=-10, color="var(--soft)")
        .encode(x=_time(), y="path:Q", text="path_text:N")
    )
    return _finished(alt.layer(*_band(_time(), y), path, words))


def months() -> dict[str, Any]:
    """A slope by month after the answer; months nobody has lived are paler."""
    x = alt.X("x:Q", axis=alt.Axis(title=None, grid=False, tickMinStep=1, tickCount=6))
    y = alt.Y("lower:Q", scale=alt.Scale(zero=True), axis=_value_axis())
    projected = (
        _rows()
        .transform_filter("datum.projected")
        .mark_line(color="var(--card)", strokeWidth=1, strokeDash=[2, 2])
        .encode(x=x, y="value:Q")
    )
    return _finished(alt.layer(*_band(x, y), projected))


def stack() -> dict[str, Any]:
    """The shares of the three categories, a bar a year, with the share in it."""
    x = alt.X("x_text:O", sort=None, axis=alt.Axis(title=None, labelAngle=0))
    y = alt.Y("share:Q", stack=True, scale=alt.Scale(domain=[0, 1]), axis=_value_axis())
    order = alt.Order("order:Q")
    base = _rows().encode(x=x, order=order)
    return _finished(
        alt.layer(
            base.mark_bar(size=44).encode(y=y, color=_colour(), tooltip="tip:N"),
            base.transform_filter("datum.share >= 0.06")
            .mark_text(fontWeight="bold")
            .encode(
                y=alt.Y("share:Q", stack=True, bandPosition=0.5),
                text="text:N",
                # Dark words on grey in either theme: light ones cannot be read on it.
                color=alt.when("datum.tone == 'passive'")
                .then(alt.value("#12161b"))
                .otherwise(alt.value("var(--on)")),
            ),
        )
    )


def forest() -> dict[str, Any]:
    """Estimates as dots on their intervals, in rows; a row with # before its label is a heading."""
    y = alt.Y(
        "row:O",
        sort=None,
        axis=alt.Axis(
            title=None,
            labelExpr="slice(datum.label, 5)",
            labelLimit=150,
            labelFontWeight={
                "condition": {"test": "slice(datum.label, 4, 5) == '#'", "value": "bold"},
                "value": "normal",
            },
        ),
    )
    x = alt.X("lower:Q", scale=alt.Scale(zero=False, nice=True), axis=_value_axis(grid=True))
    base = _rows().encode(y=y)
    zero = (
        alt.Chart(alt.NamedData("zero"))
        .mark_rule(color="var(--soft)", opacity=0.5)
        .encode(x="zero:Q")
    )
    known = base.transform_filter("isValid(datum.value)")
    return _finished(
        alt.layer(
            base.mark_point(opacity=0),
            zero,
            known.mark_rule(strokeWidth=2, clip=True).encode(x=x, x2="upper:Q", color=_colour()),
            known.mark_point(filled=True, opacity=1, size=64, clip=True).encode(
                x="value:Q", color=_colour(), tooltip="tip:N"
            ),
            known.mark_text(dy=-9, fontSize=11, color="var(--soft)").encode(
                x="value:Q", text="text:N"
            ),
        ),
        alt.Step(26),
    )


def waterfall() -> dict[str, Any]:
    """A sum: from the score before, part by part, to the score now."""
    x = alt.X(
        "label:O",
        sort=None,
        scale=alt.Scale(paddingInner=0.3),
        axis=alt.Axis(title=None, labelAngle=0, labelLimit=80),
    )
    y = alt.Y("start:Q", axis=_value_axis())
    base = _rows().encode(x=x)
    return _finished(
        alt.layer(
            base.mark_bar().encode(y=y, y2="end:Q", color=_colour(), tooltip="tip:N"),
            base.mark_text(dy=-8, fontWeight="bold").encode(y="top:Q", text="text:N"),
        )
    )


def scatter() -> dict[str, Any]:
    """Importance over performance, with the name at the dot."""
    axis = alt.Axis(labelExpr="write(datum.value, 'share')", tickCount=4, title=None)
    x = alt.X("x:Q", scale=alt.Scale(zero=False, padding=40), axis=axis)
    y = alt.Y("y:Q", scale=alt.Scale(zero=False, padding=16), axis=axis)
    base = _rows().encode(x=x, y=y)
    size = alt.Size("value:Q", scale=alt.Scale(range=[30, 260]), legend=None)
    return _finished(
        alt.layer(
            base.mark_point(filled=True, opacity=0.85, color="var(--figure)").encode(
                size=size, tooltip="tip:N"
            ),
            base.mark_text(dy=-14).encode(text="label:N"),
        )
    )


def tiles() -> dict[str, Any]:
    """Stage by experience: the points in the tile, a dot where they cannot be told from none."""
    x = alt.X(
        "column:O",
        sort=None,
        axis=alt.Axis(
            title=None,
            orient="top",
            labelAngle=0,
            labelExpr="split(datum.label, ' ')",  # a word a line: the columns are narrow
            labelPadding=30,
            labelLimit=64,
            labelFontSize=11,
        ),
    )
    y = alt.Y(
        "row:O",
        sort=None,
        axis=alt.Axis(title=None, labelExpr="slice(datum.label, 4)", labelLimit=130),
    )
    base = _rows().encode(x=x, y=y)
    return _finished(
        alt.layer(
            base.mark_rect(color="var(--tint)", stroke="var(--card)", strokeWidth=3),
            base.mark_rect(stroke="var(--card)", strokeWidth=3).encode(
                color=_colour(),
                opacity=alt.Opacity("alpha:Q", scale=None),
                tooltip="tip:N",
            ),
            base.mark_text().encode(text="text:N"),
        ),
        alt.Step(26),
    )


def risk() -> dict[str, Any]:
    """The risk by score, and of the silent beside."""
    x = alt.X("label:O", sort=None, axis=alt.Axis(title=None, labelAngle=0))
    y = alt.Y("lower:Q", scale=alt.Scale(zero=True), axis=_value_axis())
    base = _rows().encode(x=x, color=_colour())
    return _finished(
        alt.layer(
            base.mark_rule(strokeWidth=2).encode(y=y, y2="upper:Q"),
            base.mark_point(filled=True, opacity=1, size=70).encode(y="value:Q", tooltip="tip:N"),
        )
    )


def survival() -> dict[str, Any]:
    """Who is still there by day, a step line for each category with its name at the end."""
    x = alt.X("x:Q", axis=alt.Axis(title=None, grid=False, tickCount=6))
    y = alt.Y("value:Q", scale=alt.Scale(zero=False), axis=_value_axis())
    base = _rows().encode(x=x, color=_colour())
    return _finished(
        alt.layer(
            base.mark_area(opacity=0.12, interpolate="step-after").encode(
                y=alt.Y("lower:Q", scale=alt.Scale(zero=False)), y2="upper:Q"
            ),
            base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=y),
            _rows()
            .transform_filter("datum.last")
            .mark_text(align="right", dy=-8, fontWeight="bold")
            .encode(x=x, y=y, text="label:N"),
        )
    )


def cohorts() -> dict[str, Any]:
    """Cohort by months since: darker is more."""
    x = alt.X("x:O", axis=alt.Axis(title=None, labelAngle=0, labelOverlap=True))
    y = alt.Y(
        "row:O",
        sort=None,
        axis=alt.Axis(title=None, labelExpr="slice(datum.label, 4)", labelOverlap=True),
    )
    return _finished(
        _rows()
        .mark_rect(color="var(--figure)")
        .encode(x=x, y=y, opacity=alt.Opacity("alpha:Q", scale=None), tooltip="tip:N"),
        320,
    )


def ledger() -> dict[str, Any]:
    """What was recognised by month; red where the ledger says otherwise."""
    y = alt.Y("value:Q", axis=_value_axis())
    return _finished(
        _rows().mark_bar(size=8).encode(x=_time(), y=y, color=_colour(), tooltip="tip:N"), 200
    )


CHARTS = (
    trend, target, months, stack, forest, waterfall, scatter, tiles, risk, survival, cohorts,
    ledger,
)  # fmt: skip


def charts() -> dict[str, dict[str, Any]]:
    """Every chart by its name."""
    return {chart.__name__: chart() for chart in CHARTS}


def as_text() -> str:
    """The content of charts.json."""
    return json.dumps(charts(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
