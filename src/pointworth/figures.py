"""The headline figures of a published file, each with its interval and what it rests on."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Figure:
    """One headline figure; `unit` is points, share, ratio or a currency code."""

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


Row = dict[str, Any]
Read = Callable[[str], Row | None]


def headline_figures(file: Path) -> list[Figure]:
    """The figures everybody asks for first; those whose mart is empty are left out."""
    with duckdb.connect(str(file), read_only=True) as connection:
        marts = {
            str(name)
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }

        def read(mart: str) -> Read:
            def first(query: str) -> Row | None:
                if mart not in marts:
                    return None
                relation = connection.execute(f"select * from {mart} {query} limit 1")
                row = relation.fetchone()
                return (
                    dict(zip([column[0] for column in relation.description], row, strict=True))
                    if row
                    else None
                )

            return first

        return [
            *_nps(read("nps_by_segment")),
            *_churn(read("churn_after_score")),
            *_value_of_a_point(read("revenue_per_point")),
        ]


def _nps(read: Read) -> list[Figure]:
    row = read(
        "where period_grain in ('year', 'all_time') and segment_dimension = 'all' "
        "and is_reportable and score_scale = 'nps_0_10' "
        "order by survey_kind = 'relational' desc, period_grain = 'all_time' desc, "
        "period_start desc"
    )
    if row is None:
        return []
    return [
        Figure(
            "nps",
            f"NPS, {row['survey_kind']}, {_period(row)}",
            "points",
            _number(row["nps"]),
            _number(row["lower"]),
            _number(row["upper"]),
            f"{row['responses']:,} answers",
        )
    ]


def _period(row: Row) -> str:
    return "all time" if row["period_grain"] == "all_time" else f"{row['period_start']:%Y}"


def _churn(read: Read) -> list[Figure]:
    figures = []
    for group in ("detractor", "promoter"):
        row = read(
            f"where score_group_kind = 'category' and score_group = '{group}' "
            "and window_days = 120 order by gap_days, adjustment = 'none' desc"
        )
        if row is None:
            return []
        rests_on = f"{row['customers']:,} customers"
        bounds = (_number(row["lower"]), _number(row["upper"]))
        figures.append(
            Figure(
                f"churn_120_{group}",
                f"{group.capitalize()}s lost in 120 days",
                "share",
                _number(row["risk"]),
                *bounds,
                rests_on,
            )
        )
        if group == "detractor":
            figures.append(
                Figure(
                    "churn_120_ratio",
                    "… as a multiple of promoters'",
                    "ratio",
                    _number(row["risk_ratio"]),
                    _number(row["risk_ratio_lower"]),
                    _number(row["risk_ratio_upper"]),
                )
            )
    return [figures[0], figures[2], figures[1]]


def _value_of_a_point(read: Read) -> list[Figure]:
    row = read(
        "where segment_dimension = 'all' and base = 'active_customers' "
        "order by adjustment = 'adjusted' desc, adjustment = 'none'"
    )
    if row is None:
        return []
    currency = str(row["currency"])
    customers = f"{row['customers']:,} customers"
    years = int(row["horizon_months"])
    return [
        Figure(
            "revenue_per_point",
            f"One point, {years} months",
            currency,
            _number(row["revenue_per_point"]),
            _number(row["lower"]),
            _number(row["upper"]),
            customers,
        ),
        Figure(
            "churn_component", "… by customers who stay", currency, _number(row["churn_component"])
        ),
        Figure(
            "wallet_component", "… by what they spend", currency, _number(row["wallet_component"])
        ),
        Figure("projected_share", "… of it projected", "share", _number(row["projected_share"])),
        Figure(
            "placebo_z",
            "Placebo (clean within ±1.96)",
            "z",
            _number(row["placebo_z"]),
            rests_on="clean" if row["is_placebo_clean"] else "not clean",
        ),
    ]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
