"""`pointworth close`: keep the figures of a month as they are published, once and for good."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from pointworth.database import connected
from pointworth.errors import as_sentences, invalid_data, usage_error
from pointworth.record.kept import FIGURES_MART, Record
from pointworth.warehouse import Warehouse

_SHORTEST_REASON = 3
_LEDGER_MART = "revenue_reconciliation"


@dataclass(frozen=True)
class Close:
    """A month that was closed."""

    month: str
    run: str
    figures: list[dict[str, Any]]
    unexplained: dict[str, Decimal]


def close_month(home: Path, month: str, accept: str | None, because: str | None) -> Close:
    """Close a month; raises PointworthError when it is closed already or not fit to be."""
    first_day = _first_day(month)
    accepted, reason = _acceptance(accept, because)
    warehouse = Warehouse(home.resolve())
    warehouse.require_published()
    with warehouse.locked("close"), as_sentences(warehouse.home):
        record = Record(warehouse)
        record.settle()
        before = record.closed_months().get(first_day.isoformat())
        if before:
            raise usage_error(
                f"{month} was closed on {before[:10]} already, and a month is closed once: what "
                "changed since is in revenue_restatements."
            )
        run = warehouse.published_run()
        if run is None:
            raise invalid_data(
                f"{warehouse.marts_file} is not what any run published, so nothing of it is "
                "closed: build, or roll back to a run that is kept."
            )
        with connected(warehouse.marts_file, read_only=True) as connection:
            _require_marts(connection, warehouse)
            as_of = _as_of(connection)
            _require_complete(as_of, month, first_day)
            figures = _figures(connection, first_day, as_of)
            ledger = _ledger(connection, first_day)
        if not any(figure["figure"] == "recognised_revenue" for figure in figures):
            raise usage_error(f"No revenue is published for {month}: there is nothing to close.")
        _require_ledger(month, ledger)
        unexplained = {row["currency"]: row["unexplained"] for row in ledger if row["unexplained"]}
        _require_explained(month, unexplained, accepted)
        closed_at = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
        balances = {row["currency"]: row for row in ledger}
        rows = []
        for figure in figures:
            is_revenue = figure["figure"] == "recognised_revenue"
            balance = balances.get(figure["part"], {}) if is_revenue else {}
            was_accepted = bool(balance.get("unexplained"))
            rows.append(
                (
                    *(first_day.isoformat(), closed_at, run.name),
                    *(figure["figure"], figure["period_start"]),
                    *(figure["part"], figure["currency"]),
                    *(figure["value"], figure["value_in_currency"]),
                    *(balance.get("ledger_amount"), balance.get("unexplained")),
                    *((accepted, reason) if was_accepted else (None, None)),
                )
            )
        record.add_closes(rows)
    return Close(month, run.name, figures, unexplained)


def _first_day(month: str) -> datetime.date:
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise usage_error(f"{month} is no month: write it YYYY-MM, such as 2026-10.")
    return datetime.date.fromisoformat(f"{month}-01")


def _acceptance(accept: str | None, because: str | None) -> tuple[Decimal | None, str | None]:
    """What is accepted and why: either both or none."""
    reason = " ".join((because or "").split())
    if accept is None:
        if because is not None:
            raise usage_error(
                "--because says why an amount is accepted: give --accept-unexplained."
            )
        return None, None
    try:
        amount = Decimal(accept)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise usage_error(f"--accept-unexplained {accept}: give an amount such as 12.34.")
    if len(reason) < _SHORTEST_REASON:
        raise usage_error("--accept-unexplained needs --because TEXT: the reason is kept with it.")
    return amount, reason


def _require_marts(connection: duckdb.DuckDBPyConnection, warehouse: Warehouse) -> None:
    found = {
        name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    columns = {
        name
        for (name,) in connection.execute(
            "select column_name from duckdb_columns() where table_name = ?", [_LEDGER_MART]
        ).fetchall()
    }
    if FIGURES_MART not in found or "ledger_unexplained" not in columns:
        raise usage_error(
            f"What is published in {warehouse.home} was built by an earlier version, which kept no "
            "figures: build again, then close."
        )


def _as_of(connection: duckdb.DuckDBPyConnection) -> datetime.date:
    """The day of what is published."""
    ((day,),) = connection.execute(
        "select cast(fact_value as date) from run_info where fact_kind = 'run' and fact = 'as_of'"
    ).fetchall()
    return day if isinstance(day, datetime.date) else datetime.date.min


def _require_complete(as_of: datetime.date, month: str, first_day: datetime.date) -> None:
    following = (first_day + datetime.timedelta(days=31)).replace(day=1)
    if as_of < following - datetime.timedelta(days=1):
        raise usage_error(
            f"{month} is not over in what is published, which is as of {as_of}: build with the "
            "rest of the month first."
        )


def _figures(
    connection: duckdb.DuckDBPyConnection, first_day: datetime.date, as_of: datetime.date
) -> list[dict[str, Any]]:
    """The figures of a month as they are published, and the value of a point of the same run."""
    return _rows(
        connection,
        f"""
        select figure, period_start, part, currency, value, value_in_currency
        from (
            select *, row_number() over (partition by figure, period_start, part order by run desc)
                as from_the_end
            from {FIGURES_MART}
            where period_start = case when figure = 'revenue_per_point' then $2 else $1 end
        )
        where from_the_end = 1
        order by figure, part
        """,
        first_day,
        as_of,
    )


def _ledger(
    connection: duckdb.DuckDBPyConnection, first_day: datetime.date
) -> list[dict[str, Any]]:
    """Revenue and ledger of a month; revenue in another currency may be in that of reporting."""
    return _rows(
        connection,
        f"""
        select currency, recognised_amount, ledger_amount, ledger_unexplained as unexplained,
            ledger_amount is null and recognised_amount <> 0 and not exists (
                from {_LEDGER_MART} as reporting
                where reporting.month = $1 and reporting.ledger_amount is not null
                    and reporting.currency = reporting.reporting_currency
            ) as is_missing
        from {_LEDGER_MART} where month = $1 order by currency
        """,
        first_day,
    )


def _require_ledger(month: str, ledger: list[dict[str, Any]]) -> None:
    missing = [row["currency"] for row in ledger if row["is_missing"]]
    if missing:
        raise invalid_data(
            f"The ledger has no balance of {month} in {', '.join(missing)}: add it to "
            "finance_ledger_balances and build, then close."
        )


def _require_explained(
    month: str, unexplained: dict[str, Decimal], accepted: Decimal | None
) -> None:
    most = max((abs(amount) for amount in unexplained.values()), default=Decimal(0))
    if not unexplained:
        if accepted is not None:
            raise usage_error(
                f"Nothing of {month} is unexplained, so nothing is accepted: close it without "
                "--accept-unexplained."
            )
        return
    if accepted is None or accepted < most:
        shown = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in unexplained.items())
        raise invalid_data(
            f"{month} differs from the ledger by {shown} that nothing explains "
            "(revenue_reconciliation says what else differs): mend the rows or the ledger and "
            f"build, or close with --accept-unexplained {most} --because TEXT."
        )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any
) -> list[dict[str, Any]]:
    cursor = connection.execute(query, list(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
