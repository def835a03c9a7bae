"""The charts of the dashboard as Superset keeps them."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pointworth.superset.described import Column, Described

_FILE = Path(__file__).with_name("charts.yml")
_ROWS = 10_000
_FORMATS = {
    "share": ".1%",
    "percent": ".1f",
    "points": "+.1f",
    "money": ",.0f",
    "ratio": ".2f",
    "probability": ".3f",
    "count": ",d",
    "rank": "d",
    "number": ",.4~g",
    "days": ",.1f",
    "hours": ",.1f",
    "months": "d",
    "quarters": "d",
    "years": ".1f",
}
"""How numbers of a unit are written, as d3 says it."""


@dataclass(frozen=True)
class Chart:
    """A chart of charts.yml."""

    name: str
    title: str
    mart: str
    kind: str
    width: int
    x: str | None = None
    measures: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    rows: str | None = None
    also: str | None = None

    @property
    def height(self) -> int:
        """Its height on the dashboard, in rows of the grid."""
        return 50


@dataclass(frozen=True)
class Section:
    """Charts under one heading."""

    title: str
    charts: list[Chart]


@cache
def sections() -> list[Section]:
    """The dashboard's sections, in their order."""
    read = yaml.safe_load(_FILE.read_text("utf-8"))
    return [
        Section(
            part["section"],
            [Chart(also=chart.pop("and", None), **chart) for chart in part["charts"]],
        )
        for part in read
    ]


def number_format(column: Column) -> str | None:
    """How a column's numbers are written."""
    return _FORMATS[column.unit] if column.unit else None


def parameters(chart: Chart, mart: Described) -> dict[str, Any]:
    """What Superset keeps of a chart."""
    shared = {"viz_type": _KINDS[chart.kind][0], "adhoc_filters": _filters(chart, mart)}
    return {**shared, "row_limit": _ROWS, **_KINDS[chart.kind][1](chart, mart)}


def viz_type(chart: Chart) -> str:
    """Superset's name of the kind of a chart."""
    return str(_KINDS[chart.kind][0])


def _filters(chart: Chart, mart: Described) -> list[dict[str, Any]]:
    conditions = [chart.rows or mart.headline, chart.also]
    return [
        {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": condition}
        for condition in conditions
        if condition
    ]


def _over(chart: Chart, mart: Described) -> dict[str, Any]:
    """Lines and bars over an axis."""
    return {
        "x_axis": chart.x,
        "time_grain_sqla": None,
        "metrics": chart.measures,
        "groupby": chart.by,
        "show_legend": len(chart.measures) > 1 or bool(chart.by),
        "legendOrientation": "top",
        "rich_tooltip": True,
        "x_axis_time_format": "%b %Y",
        "y_axis_format": _axis_format(chart, mart),
        "only_total": True,
        "truncateYAxis": chart.kind == "line",
        "y_axis_bounds": [None, None],
    }


def _ranked(chart: Chart, mart: Described) -> dict[str, Any]:
    """Bars by size."""
    return {**_over(chart, mart), "x_axis_sort": chart.measures[0], "x_axis_sort_asc": False}


def _stacked(chart: Chart, mart: Described) -> dict[str, Any]:
    return {**_over(chart, mart), "stack": "Stack"}


def _table(chart: Chart, mart: Described) -> dict[str, Any]:
    """Rows as they are: a mart's figures are not to be added up."""
    formats = {column.name: number_format(column) for column in mart.columns}
    return {
        "query_mode": "raw",
        "all_columns": chart.columns,
        "order_by_cols": [_order(name) for name in chart.order],
        "column_config": {
            name: {"d3NumberFormat": formats[name]} for name in chart.columns if formats[name]
        },
        "table_timestamp_format": "%Y-%m-%d",
        "page_length": 0,
        "show_cell_bars": False,
    }


def _order(name: str) -> str:
    """A column of the order, as Superset's table reads it; `-` before it turns it round."""
    return f'["{name.lstrip("-")}", {"false" if name.startswith("-") else "true"}]'


def _number(chart: Chart, mart: Described) -> dict[str, Any]:
    return {"metric": chart.measures[0], "y_axis_format": _axis_format(chart, mart)}


def _latest(chart: Chart, mart: Described) -> dict[str, Any]:
    """The last of a series, the series below it."""
    return {
        **_number(chart, mart),
        "x_axis": chart.x,
        "time_grain_sqla": None,
        "aggregation": "LAST_VALUE",
        "show_trend_line": True,
        "start_y_axis_at_zero": False,
        "time_format": "%b %Y",
    }


def _heatmap(chart: Chart, mart: Described) -> dict[str, Any]:
    return {
        "x_axis": chart.x,
        "groupby": chart.by[0],
        "metric": chart.measures[0],
        "normalize_across": "heatmap",
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "legend_type": "continuous",
        "linear_color_scheme": "superset_seq_2",
        "show_values": True,
        "show_legend": False,
        "show_percentage": False,
        "xscale_interval": 1,
        "yscale_interval": 1,
        "left_margin": "auto",
        "bottom_margin": "auto",
        "value_bounds": [None, None],
        "y_axis_format": _axis_format(chart, mart),
    }


def _axis_format(chart: Chart, mart: Described) -> str:
    """The format of the first measure; money on an axis by thousands and millions."""
    units = {column.name: column.unit for column in mart.columns}
    unit = units.get(chart.measures[0], "money")
    return "SMART_NUMBER" if unit is None or unit in ("money", "number") else _FORMATS[unit]


_KINDS: dict[str, tuple[str, Any]] = {
    "line": ("echarts_timeseries_line", _over),
    "bar": ("echarts_timeseries_bar", _over),
    "ranked": ("echarts_timeseries_bar", _ranked),
    "points": ("echarts_timeseries_scatter", _over),
    "stacked": ("echarts_timeseries_bar", _stacked),
    "table": ("table", _table),
    "number": ("big_number_total", _number),
    "latest": ("big_number", _latest),
    "heatmap": ("heatmap_v2", _heatmap),
}
