"""The headline figures of a published file, each with its interval and what it rests on."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One headline figure; `unit` is points, share, ratio, z or a currency code."""

    key: str
    label: str
    unit: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    rests_on: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The figure for run.json."""
        return asdict(self)


def headline_figures(file: Path) -> list[Figure]:
    """The figures everybody asks for first; those whose mart has no such row are left out."""
    with _Marts(file) as marts:
        return [*_nps(marts), *_churn(marts), *_value_of_a_point(marts)]


def strongest_levers(file: Path, count: int = 3) -> list[dict[str, Any]]:
    """The surest gains in points over all segments, with the revenue behind them.

    Each has lever, kind, change (what would have to happen), currency, and points and revenue as
    value, lower, upper.
    """
    with _Marts(file) as marts:
        rows = marts.all(
            "improvement_levers",
            "where segment_dimension = 'all' and strength_rank is not null "
            f"order by strength_rank limit {count}",
        )
    return [
        {
            "lever": str(row["lever"]).replace("_", " "),
            "kind": row["lever_kind"],
            "change": _change(row),
            "currency": row["currency"],
            "points": [row["points"], row["lower"], row["upper"]],
            "revenue": [
                None if row[name] is None else float(row[name])
                for name in ("revenue", "revenue_lower", "revenue_upper")
            ],
        }
        for row in rows
    ]


def _change(lever: Row) -> str:
    """What a lever's points count on: nobody's ratings all reach the top, one step can be done."""
    if lever["lever_kind"] == "driver":
        mean, top = float(lever["mean_rating"]), float(lever["top_rating"])
        return f"{float(lever['rating_step']):g} better than {mean:.1f} of {top:g}"
    return {"experience": "no longer happens", "theme": "scored like others"}[lever["lever_kind"]]


def nps_of_quarter(file: Path, key: str, quarter: str) -> list[Figure]:
    """The relational NPS of one quarter, written like 2016Q2."""
    year, number = quarter.split("Q")
    with _Marts(file) as marts:
        row = marts.first(
            "nps_by_segment",
            "where period_grain = 'quarter' and segment_dimension = 'all' "
            "and survey_kind = 'relational' and score_scale = 'nps_0_10' "
            f"and period_start = make_date({int(year)}, {int(number) * 3 - 2}, 1)",
        )
    return [_nps_figure(key, row)] if row else []


class _Marts:
    """Reads single rows of a file's marts."""

    def __init__(self, file: Path) -> None:
        self._connection = duckdb.connect(str(file), read_only=True)
        names = self._connection.execute("select table_name from duckdb_tables()").fetchall()
        self._names = {str(name) for (name,) in names}

    def __enter__(self) -> "_Marts":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def first(self, mart: str, conditions: str) -> Row | None:
        """The first row of a mart under conditions, or None."""
        return next(iter(self.all(mart, f"{conditions} limit 1")), None)

    def all(self, mart: str, conditions: str) -> list[Row]:
        """The rows of a mart under conditions; none where there is no such mart."""
        if mart not in self._names:
            return []
        cursor = self._connection.execute(f"select * from {mart} {conditions}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _nps(marts: _Marts) -> list[Figure]:
    row = marts.first(
        "nps_by_segment",
        "where period_grain in ('year', 'all_time') and segment_dimension = 'all' "
        "and is_reportable "
        "order by score_scale = 'nps_0_10' desc, survey_kind = 'relational' desc, "
        "period_grain = 'all_time' desc, period_start desc",
    )
    return [_nps_figure("nps", row)] if row else []


def _nps_figure(key: str, row: Row) -> Figure:
    start = row["period_start"]
    period = {
        "all_time": "all time",
        "year": f"{start:%Y}" if start else "",
        "quarter": f"{start:%Y} Q{(start.month + 2) // 3}" if start else "",
    }[row["period_grain"]]
    rests_on = f"{row['responses']:,} answers"
    # A score made like NPS on another scale is not NPS and is not called so.
    name = "NPS" if row["score_scale"] == "nps_0_10" else f"Score on {row['score_scale']}"
    return _figure(key, f"{name}, {period}", "points", row, "nps", "lower", "upper", rests_on)


def _churn(marts: _Marts) -> list[Figure]:
    """Customers lost in 120 days after their score, and how many times as many detractors."""
    rows = {
        group: marts.first(
            "churn_after_score",
            f"where score_group_kind = 'category' and score_group = '{group}' "
            "and window_days = 120 and adjustment = 'unadjusted' order by gap_days",
        )
        for group in ("detractor", "promoter")
    }
    figures = [
        _figure(
            f"churn_120_{group}",
            f"{group.capitalize()}s lost 120d",
            "share",
            row,
            "risk",
            "lower",
            "upper",
            f"{row['customers']:,} customers",
        )
        for group, row in rows.items()
        if row
    ]
    detractors = rows["detractor"]
    if detractors:
        ratio = ("risk_ratio", "risk_ratio_lower", "risk_ratio_upper")
        figures.append(_figure("churn_120_ratio", "Ratio of the two", "ratio", detractors, *ratio))
    return figures


def _value_of_a_point(marts: _Marts) -> list[Figure]:
    row = marts.first(
        "revenue_per_point",
        "where segment_dimension = 'all' and base = 'active_customers' and adjustment = 'adjusted'",
    )
    if row is None:
        return []
    unit, label = str(row["currency"]), f"One point, {row['horizon_months']} months"
    value = ("revenue_per_point", "lower", "upper")
    return [
        _figure(value[0], label, unit, row, *value, f"{row['customers']:,} customers"),
        *(
            _figure(part, label, unit, row, part, f"{part}_lower", f"{part}_upper")
            for part, label in (
                ("churn_component", "… through churn"),
                ("wallet_component", "… through spend"),
            )
        ),
        _figure("projected_share", "… projected", "share", row, "projected_share"),
        _figure("placebo_z", "Placebo z", "z", row, "placebo_z", rests_on=_placebo(row)),
    ]


def _placebo(row: Row) -> str:
    """The verdict on the placebo with its size; nothing where there is none."""
    if row["is_placebo_clean"] is None:
        return ""
    verdict = "clean" if row["is_placebo_clean"] else "not clean: revenue moved before"
    share = row["placebo_share"]
    return verdict if share is None else f"{verdict}, {100 * float(share):+.1f} % of the value"


def _figure(
    key: str,
    label: str,
    unit: str,
    row: Row,
    value: str,
    lower: str | None = None,
    upper: str | None = None,
    rests_on: str = "",
) -> Figure:
    """A figure from the named columns of a row."""
    numbers = [
        None if name is None or row[name] is None else float(row[name])
        for name in (value, lower, upper)
    ]
    return Figure(key, label, unit, numbers[0], numbers[1], numbers[2], rests_on)
