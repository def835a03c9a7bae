"""Half a million public lines of sale tie to their own ledger, to the cent, month by month."""

import csv
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from conftest import ROOT
from pointworth.mapping import map_source
from worlds import World, dbt_build

SHEET = ROOT.parent / "shared/data/online_retail"
CENT = Decimal("0.01")

pytestmark = pytest.mark.slow


def books_of(sheet: Path) -> dict[date, Decimal]:
    """What the shop sold and took back, as who keeps its books would add it up: every line of an
    invoice or credit note, whoever the customer was; a write-off (`A…`) is no revenue."""
    books: dict[date, Decimal] = defaultdict(Decimal)
    lines = duckdb.sql(
        "select Invoice, Quantity, cast(Price as varchar), cast(InvoiceDate as varchar) "
        f"from read_parquet('{sheet}/*.parquet')"
    ).fetchall()
    for invoice, quantity, price, at in lines:
        if not invoice.startswith("A"):
            amount = (Decimal(quantity) * Decimal(price)).quantize(CENT, ROUND_HALF_UP)
            books[date.fromisoformat(at[:10]).replace(day=1)] += amount
    return dict(books)


def test_a_shop_ties_to_its_own_ledger_to_the_cent(tmp_path: Path) -> None:
    if not SHEET.is_dir():
        pytest.skip(f"needs the public data in {SHEET}, which is not part of the project")
    world = World(tmp_path)
    map_source("online_retail", SHEET, world.landing)
    books = books_of(SHEET)
    with (world.landing / "finance_ledger_balances.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("month", "currency", "amount"), *((m, "GBP", a) for m, a in books.items())]
        )
    dbt_build(
        world.landing, world.file, select=["+revenue_reconciliation"], reporting_currency="GBP"
    )
    rows = world.rows(
        "select month, currency, unexplained, ledger_amount, recognised_amount, "
        "ledger_rows_without_customer, ledger_unexplained from marts.revenue_reconciliation "
        "where month is not null order by month"
    )
    assert {(row[0], row[3]) for row in rows} == set(books.items())
    for month, currency, unexplained, ledger, recognised, without_customer, left in rows:
        assert (currency, unexplained, left) == ("GBP", 0, 0), month
        assert ledger == recognised + without_customer
    assert sum(row[5] for row in rows) > 1_000_000, "a fifth of the lines names no customer"
