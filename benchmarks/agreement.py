"""Whether a contender found what Pointworth published: counts equal, doubles to a millionth.

A contender writes one Parquet file per mart, with the columns below; what a mart holds beyond them
is Pointworth's alone and is not compared.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

TOLERANCE = 1e-6
"""The largest relative difference of two doubles; beside it 1e-9 absolute, for zeros."""

CENTS = 0.015
"""Beside it in money, which is published in cents: bounds and parts are those of rounded values."""


@dataclass(frozen=True)
class Headline:
    """What is asked of every contender: a part of a mart."""

    mart: str
    key: tuple[str, ...]
    exact: tuple[str, ...]
    estimates: tuple[str, ...]
    where: str = "true"
    is_money: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, the key first."""
        return self.key + self.exact + self.estimates


HEADLINES = (
    Headline(
        mart="nps_by_segment",
        key=(
            *("period_grain", "period_start", "survey_kind", "score_scale"),
            *("segment_dimension", "segment_value"),
        ),
        exact=(
            *("responses", "customers", "promoters", "passives", "detractors", "is_reportable"),
        ),
        estimates=("nps", "standard_error", "lower", "upper"),
    ),
    Headline(
        mart="churn_after_score",
        key=("gap_days", "window_days", "adjustment", "score_group"),
        exact=("customers", "events", "is_reportable"),
        estimates=("risk", "standard_error", "lower", "upper"),
        where="score_group_kind = 'category'",
    ),
    Headline(
        mart="revenue_per_point",
        key=("segment_dimension", "segment_value", "base"),
        exact=("customers", "observed_months", "is_reportable"),
        estimates=(
            *("monthly_baseline_revenue", "revenue_per_point", "standard_error", "lower", "upper"),
            *("churn_component", "churn_component_lower", "churn_component_upper"),
            "wallet_component",
        ),
        where="adjustment = 'adjusted'",
        is_money=True,
    ),
)


def marts_of(file: Path, where: Path) -> None:
    """Write the headlines of a published file or of a build file as a contender would."""
    with duckdb.connect(str(file), read_only=True) as connection:
        for headline in HEADLINES:
            schemas = connection.execute(
                "select schema_name from duckdb_tables() where table_name = ?", [headline.mart]
            ).fetchall()
            relation = f'"{schemas[0][0]}".{headline.mart}'
            connection.execute(
                f"copy (select {', '.join(headline.columns)} from {relation} "
                f"where {headline.where}) to '{where / headline.mart}.parquet'"
            )


def differences(pointworth: Path, contender: Path) -> list[str]:
    """What a contender says otherwise than Pointworth, a line per mart and column; none if
    nothing."""
    found = []
    for headline in HEADLINES:
        here, there = (_rows(folder, headline) for folder in (pointworth, contender))
        if list(here.index) != list(there.index):
            missing, extra = here.index.difference(there.index), there.index.difference(here.index)
            found.append(
                f"{headline.mart}: {len(missing)} rows missing, {len(extra)} too many, "
                f"for example {[*missing[:2], *extra[:2]]}"
            )
            continue
        for column in headline.exact + headline.estimates:
            left, right = here[column].astype("float64"), there[column].astype("float64")
            tolerance, least = 0.0, 0.0
            if column in headline.estimates:
                tolerance, least = TOLERANCE, CENTS if headline.is_money else 1e-9
            close = (left - right).abs() <= tolerance * left.abs() + least
            wrong = ~(close | (left.isna() & right.isna()))
            if wrong.any():
                first = left.index[wrong.to_numpy().argmax()]
                found.append(
                    f"{headline.mart}.{column}: {int(wrong.sum())} of {len(left)} rows differ, "
                    f"first {first}: {left[first]!r} here, {right[first]!r} there"
                )
    return found


def _rows(folder: Path, headline: Headline) -> pd.DataFrame:
    key = ", ".join(f"cast({name} as varchar) as {name}" for name in headline.key)
    rest = ", ".join(
        f"cast({name} as double) as {name}" for name in headline.exact + headline.estimates
    )
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select {key}, {rest} from '{folder / headline.mart}.parquet'"
        ).df()
    return rows.set_index(list(headline.key), verify_integrity=True).sort_index()
