"""Revenue, movements, reconciliation and cohorts against plain Python with exact decimals."""

import math
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

import worlds
from proofs import first_of
from worlds import Bench, World

CENT = Decimal("0.01")
SIXTH_PLACE = Decimal("0.000001")
NOT_REVENUE = ("tax", "bad_debt")


@pytest.fixture(scope="module", params=first_of("credit", "carrier", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Monthly bills with bad rows; bills by the quarter; three currencies."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


def differing(found: dict[Any, Any], expected: dict[Any, Any]) -> list[Any]:
    """The first entries in which two mappings differ; a full diff would take for ever to print."""
    keys = [key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)]
    return [(key, found.get(key), expected.get(key)) for key in sorted(keys)[:5]]


def rounded(value: Fraction, unit: Decimal = CENT) -> Decimal:
    """Rounded to a unit, halves away from zero."""
    sign = -1 if value < 0 else 1
    whole, rest = divmod(abs(value) / Fraction(unit), 1)
    return sign * (Decimal(int(whole)) + (1 if rest >= Fraction(1, 2) else 0)) * unit


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def spread(amount: Decimal, start: date, end: date) -> dict[date, Decimal]:
    """An amount by day over [start, end), by month, the remainder in the last month.

    Whole cents stay whole cents; parts of one are spread to the sixth place.
    """
    if end <= next_month(start):
        return {month_of(start): amount}
    unit = CENT if amount == amount.quantize(CENT) else SIXTH_PLACE
    shares: dict[date, Decimal] = {}
    month = month_of(start)
    while month < end:
        days = (min(end, next_month(month)) - max(start, month)).days
        shares[month] = rounded(Fraction(amount) * days / (end - start).days, unit)
        month = next_month(month)
    last = max(shares)
    shares[last] += amount - sum(shares.values())
    return shares


def recognised(
    lines: list[tuple[Any, ...]], rates: list[tuple[Any, ...]], reporting: str = "EUR"
) -> dict[tuple[str, date], tuple[Decimal, Decimal]]:
    """Line and month → amount in its currency and in reporting currency."""
    by_currency = defaultdict(list)
    for currency, valid_from, rate in sorted(rates):
        by_currency[currency].append((valid_from, rate))
    found = {}
    for line, kind, amount, currency, invoiced_on, start, end in lines:
        if kind in NOT_REVENUE:
            continue
        rate = Decimal(1)
        if currency != reporting:
            rate = [r for day, r in by_currency[currency] if day <= invoiced_on][-1]
        converted = (amount * rate).quantize(SIXTH_PLACE, ROUND_HALF_UP)
        if start is None or end is None or end <= start:
            found[line, month_of(invoiced_on)] = (amount, converted)
            continue
        own, other = spread(amount, start, end), spread(converted, start, end)
        for month in own:
            found[line, month] = (own[month], other[month])
    return found


LINES = (
    "select invoice_line_id, line_kind, amount, currency, invoiced_on, service_from, service_to "
    "from staging.stg_billing__invoice_lines"
)
RATES = "select currency, valid_from, rate_to_reporting from staging.stg_billing__exchange_rates"
RECOGNISED = (
    "select invoice_line_id, revenue_month, amount, reporting_amount "
    "from intermediate.int_revenue_recognised"
)


def test_revenue_is_recognised_to_the_cent(world: World) -> None:
    expected = recognised(world.rows(LINES), world.rows(RATES))
    found = {(line, month): rest for line, month, *rest in world.rows(RECOGNISED)}
    assert differing({key: tuple(value) for key, value in found.items()}, expected) == []


@pytest.mark.parametrize("seed", range(3))
def test_long_lines_refunds_and_rates_to_the_cent(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(3_000):
        start = date(2015, 1, 1) + timedelta(days=int(rng.integers(0, 900)))
        length = int(rng.choice([1, 28, 30, 31, 60, 90, 365, 366, 1_000]))
        unit = CENT if number % 3 else SIXTH_PLACE * 10
        amount = Decimal(int(rng.integers(-50_000, 500_000))) * unit
        if number % 7 == 0:
            amount = Decimal(int(rng.integers(-9, 10))) * CENT
        dated = number % 5 > 0
        rows.append(
            {
                "invoice_line_id": f"l{number}",
                "customer_id": f"c{number % 50}",
                "line_kind": str(rng.choice(["recurring", "usage", "credit_note", "tax"])),
                "amount": str(amount),
                "currency": str(rng.choice(["EUR", "CHF", "GBP"])),
                "invoiced_on": start + timedelta(days=int(rng.integers(-20, 40))),
                "service_from": start if dated else None,
                "service_to": start + timedelta(days=length) if dated else None,
            }
        )
    rates = [
        (currency, date(2014, 1, 1) + timedelta(days=40 * step), Decimal(str(value)))
        for currency, base in (("CHF", 0.92), ("GBP", 1.15))
        for step, value in enumerate(np.round(base + rng.normal(0, 0.05, 40), 6))
    ]
    bench = Bench(worlds.carrier(tmp_path_factory))
    bench.give(
        "staging.stg_billing__invoice_lines",
        "select invoice_line_id, customer_id, line_kind, cast(amount as decimal(18, 6)) as amount, "
        "currency, cast(invoiced_on as date) as invoiced_on, "
        "cast(service_from as date) as service_from, cast(service_to as date) as service_to "
        "from lines",
        lines=pd.DataFrame(rows),
    )
    bench.give(
        "staging.stg_billing__exchange_rates",
        "select currency, cast(valid_from as date) as valid_from, "
        "cast(rate as decimal(18, 8)) as rate_to_reporting from rates",
        rates=pd.DataFrame(rates, columns=["currency", "valid_from", "rate"]),
    )
    for model in ("int_exchange_rates_ranged", "int_revenue_lines", "int_revenue_lines_spread"):
        bench.run(f"intermediate.{model}")
    bench.run("intermediate.int_revenue_recognised")
    run = bench.connection.execute
    expected = recognised(run(LINES).fetchall(), rates)
    found = {(line, month): tuple(rest) for line, month, *rest in run(RECOGNISED).fetchall()}
    assert differing(found, expected) == []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (line, _), (amount, _) in found.items():
        sums[line] += amount
    kept = {
        row["invoice_line_id"]: Decimal(str(row["amount"]))
        for row in rows
        if row["line_kind"] != "tax"
    }
    assert differing(dict(sums), kept) == []


def recurring_levels(
    months: dict[date, Decimal], dated: set[date], last: date
) -> dict[date, Decimal]:
    """What recurs in each month from what its recurring lines come to."""
    levels: dict[date, Decimal] = {}
    has_charged = False
    left = sorted(months)
    while left:
        stretch = [left.pop(0)]
        while left and left[0] == next_month(stretch[-1]):
            stretch.append(left.pop(0))
        charged = [month for month in stretch if months[month] > 0]
        is_over = stretch[-1] < last
        if has_charged and len(charged) == 1 and is_over and not dated & set(stretch):
            charged = []
        level = Decimal(0)
        for month in stretch:
            if month in charged:
                level = months[month]
            elif not charged or (is_over and month > charged[-1]):
                level = Decimal(0)
            levels[month] = level
        has_charged = has_charged or bool(charged)
    return levels


def test_movements_close_and_are_what_they_say(world: World) -> None:
    (last,) = world.rows("select last_complete_month from intermediate.int_run_clock")[0]
    is_dated = {
        line
        for line, *_, start, end in world.rows(LINES)
        if start is not None and end is not None and start < end
    }
    billed: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    dated: dict[str, set[date]] = defaultdict(set)
    rows: dict[str, set[date]] = defaultdict(set)
    for line, customer, month, kind, amount in world.rows(
        "select invoice_line_id, customer_id, revenue_month, line_kind, reporting_amount "
        "from intermediate.int_revenue_recognised"
    ):
        rows[customer].add(month)
        if kind == "recurring":
            billed[customer][month] += amount
            if line in is_dated:
                dated[customer].add(month)
    expected = {}
    for customer, all_months in rows.items():
        months = {
            month: amount.quantize(CENT, ROUND_HALF_UP)
            for month, amount in billed[customer].items()
        }
        recurring = recurring_levels(months, dated[customer], last)
        before, was = Decimal(0), False
        month, end = min(all_months), max(all_months)
        while month <= end or (before != 0 and month <= last):
            now = recurring.get(month, Decimal(0))
            if month in all_months or before != 0:
                if before == now:
                    kind = "none"
                elif before == 0:
                    kind = "reactivation" if was else "new"
                elif now == 0:
                    kind = "churn"
                else:
                    kind = "expansion" if now > before else "contraction"
                correction = months.get(month, Decimal(0)) - now
                expected[customer, month] = (before, now, correction, kind)
            was = was or now > 0
            before, month = now, next_month(month)
    found = {
        (customer, month): tuple(rest)
        for customer, month, *rest in world.rows(
            "select customer_id, revenue_month, opening_recurring, recurring, "
            "recurring_corrections, movement_kind from marts.fct_customer_revenue_monthly"
        )
    }
    assert differing(found, expected) == []


def test_net_revenue_of_a_month_in_current_and_in_constant_currency(world: World) -> None:
    latest = {currency: rate for currency, _, rate in sorted(world.rows(RATES))}
    latest["EUR"] = Decimal(1)
    net: dict[Any, Decimal] = defaultdict(Decimal)
    constant: dict[Any, Decimal] = defaultdict(Decimal)
    for customer, month, currency, amount, reporting in world.rows(
        "select customer_id, revenue_month, currency, amount, reporting_amount "
        "from intermediate.int_revenue_recognised"
    ):
        net[customer, month] += reporting
        at_latest = (amount * latest[currency]).quantize(SIXTH_PLACE, ROUND_HALF_UP)
        constant[customer, month] += at_latest
    for customer, month, revenue, at_latest in world.rows(
        "select customer_id, revenue_month, net_revenue, net_revenue_constant_currency "
        "from marts.fct_customer_revenue_monthly"
    ):
        for published, exact in ((revenue, net), (at_latest, constant)):
            value = exact.pop((customer, month), Decimal(0))
            assert published == value.quantize(CENT, ROUND_HALF_UP)
    assert not net


def test_reconciliation_explains_every_cent(world: World) -> None:
    found = world.frame("select * from marts.revenue_reconciliation")
    assert (found["unexplained"].astype(float) == 0).all()
    totals = world.one(
        "select (select sum(amount) from intermediate.int_revenue_recognised) as recognised, "
        "(select sum(recognised_amount) from marts.revenue_reconciliation) as explained, "
        "(select sum(try_cast(amount as decimal(18, 6))) from landing.billing_invoice_lines) "
        "as landed, (select sum(amount_read) from marts.revenue_reconciliation) as read, "
        "(select sum(recognised_in_reporting_currency + customer_month_rounding) "
        "from marts.revenue_reconciliation) as reported, "
        "(select sum(net_revenue) from marts.fct_customer_revenue_monthly) as of_customers"
    )
    most = Decimal("0.005") * len(found)
    assert abs(totals["recognised"] - totals["explained"]) <= most
    assert abs(totals["landed"] - totals["read"]) <= most
    assert abs(totals["reported"] - totals["of_customers"]) <= 2 * most
    in_ledger = found[found["ledger_amount"].notna()]
    if len(in_ledger):
        assert (in_ledger["ledger_difference"].astype(float) == 0).all()


def test_cohorts_by_brute_force(world: World) -> None:
    (last,) = world.rows("select last_complete_month from intermediate.int_run_clock")[0]
    spells = defaultdict(list)
    for customer, started, churned in world.rows(
        "select customer_id, started_on, churned_on from intermediate.int_customer_spells "
        "order by customer_id, spell_number"
    ):
        spells[customer].append((started, churned))
    revenue = {
        (customer, month): float(amount)
        for customer, month, amount in world.rows(
            "select customer_id, revenue_month, net_revenue from marts.fct_customer_revenue_monthly"
        )
    }
    first_billed = min(month for _, month in revenue)
    members: list[tuple[str, str, str, date, float]] = []
    for customer, some in spells.items():
        won = month_of(some[0][0])
        if won >= first_billed:
            opening = revenue.get((customer, next_month(won)), 0.0)
            members.append(("acquisition_month", str(won), customer, won, opening))
    answered = set()
    for customer, category, responded, baseline in world.rows(
        "select customer_id, category, responded_on, monthly_baseline_revenue "
        "from marts.fct_survey_responses where customer_id is not null and is_nps "
        "order by customer_id, responded_at, response_id"
    ):
        if customer in answered:
            continue
        answered.add(customer)
        month = month_of(responded)
        if any(
            started < next_month(month) and (churned is None or churned >= month)
            for started, churned in spells[customer]
        ):
            opening = math.floor(100 * (baseline or 0.0) + 0.5) / 100  # in whole cents
            members.append(("first_category", category, customer, month, max(0.0, opening)))
    cells: dict[Any, list[float]] = defaultdict(lambda: [0.0] * 5)
    for kind, cohort, customer, month, opening in members:
        at, since = month, 0
        while at <= last:
            cell = cells[kind, cohort, since]
            now = revenue.get((customer, at), 0.0)
            there = since == 0 or any(
                started <= at and (churned is None or churned > at)
                for started, churned in spells[customer]
            )
            added = (1, there, opening, max(0.0, min(now, opening)), now)
            for place, value in enumerate(added):
                cell[place] += value
            at, since = next_month(at), since + 1
    found = world.frame(
        "select *, cast(opening_revenue as double) as o, cast(retained_revenue_gross as double) "
        "as g, cast(retained_revenue_net as double) as n from marts.churn_cohorts"
    )
    assert len(found) == len(cells)
    for row in found.itertuples():
        customers, retained, opening, gross, net = cells[
            row.cohort_kind, row.cohort, row.months_since
        ]
        assert (row.customers, row.retained) == (customers, retained)
        assert row.o == pytest.approx(opening, abs=0.02)
        assert row.g == pytest.approx(gross, abs=0.02)
        assert row.n == pytest.approx(net, abs=0.02)
        if row.is_reportable:
            low, high = proportion_confint(retained, customers, method="wilson")
            assert row.retention_rate == retained / customers
            assert row.lower == pytest.approx(low, abs=1e-12)
            assert row.upper == pytest.approx(high, abs=1e-12)
