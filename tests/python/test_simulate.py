"""The simulated worlds: is what they say they planted what is in the data?

The estimates here are written independently of the project's SQL and of the simulator's truth:
plain numpy on the files as a user would read them.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from pointworth_worlds import COVERAGE, WORLDS, SimulationError, simulate
from pointworth_worlds.churn import expected_alive, expected_campaign_risk, expected_risk
from pointworth_worlds.clock import Clock
from pointworth_worlds.customers import NEVER
from pointworth_worlds.dirt import CONTRACT
from pointworth_worlds.draws import draw_world

Floats = NDArray[np.float64]
START, MONTHS, HORIZON = date(2014, 1, 1), 60, 36


NO_OPTIONS: Mapping[str, Any] = {}

# Whose customer a row's is, its customer says; no row of a world has been changed.
NOT_WRITTEN = {"updated_at"}
CLIENT_IS_WRITTEN = {"crm_customers", "survey_responses", "nps_targets"}


def contract_columns() -> dict[str, list[str]]:
    """The columns of the contract that a world writes."""
    tables = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"][0]["tables"]
    columns = {}
    for table in tables:
        left_out = NOT_WRITTEN | (set() if table["name"] in CLIENT_IS_WRITTEN else {"client_id"})
        names = [column["name"] for column in table["columns"]]
        columns[table["name"]] = [name for name in names if name not in left_out]
    return columns


@pytest.fixture(scope="module")
def landings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, Any]]]:
    made = {}
    for world in WORLDS:
        folder = tmp_path_factory.mktemp("worlds") / world
        made[world] = (folder, simulate(world, folder, customers=2_000, seed=3))
    return made


# ---------------------------------------------------------------- the files


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_every_file_has_the_columns_of_the_contract(
    landings: dict[str, tuple[Path, dict[str, Any]]], world: str
) -> None:
    folder, truth = landings[world]
    contract = contract_columns()
    files = {path.stem: path for path in folder.glob("*.parquet")}
    assert set(files) == set(truth["rows"]) <= set(contract)
    for name, path in files.items():
        described = duckdb.execute(f"describe select * from '{path}'").fetchall()
        assert [row[0] for row in described] == contract[name], name
    names = {path.name for path in folder.iterdir()} - {path.name for path in files.values()}
    assert names == {"truth.json", "pointworth.yml"}
    assert json.loads((folder / "truth.json").read_text(encoding="utf-8")) == truth
    settings = yaml.safe_load((folder / "pointworth.yml").read_text(encoding="utf-8"))
    assert settings == {"reporting_currency": "EUR", "churn_basis": "subscription"}


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_keys_are_unique_references_known_and_nothing_lies_in_the_future(
    landings: dict[str, tuple[Path, dict[str, Any]]], world: str
) -> None:
    folder, truth = landings[world]
    con = duckdb.connect()
    tables = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"][0]["tables"]
    for table in tables:
        path = folder / f"{table['name']}.parquet"
        if not path.exists():
            continue
        con.execute(f"create view {table['name']} as from '{path}'")
        meta = table["config"]["meta"]
        key = ", ".join(meta["key"])
        assert scalar(con, f"select count(*) - count(distinct ({key})) from {table['name']}") == 0
        if "time" in meta:
            latest = scalar(con, f"select max({meta['time']})::date from {table['name']}")
            assert latest is None or latest <= date.fromisoformat(truth["as_of"]), table["name"]
        for column in table["columns"]:
            if column.get("config", {}).get("meta", {}).get("required"):
                name = column["name"]
                query = f"select count(*) from {table['name']} where {name} is null"
                assert scalar(con, query) == 0, name
    for child in ("survey_responses", "billing_subscriptions", "billing_invoice_lines"):
        query = f"from {child} anti join crm_customers using (customer_id)"
        assert scalar(con, f"select count(*) {query} where customer_id is not null") == 0
    for child in ("survey_driver_ratings", "support_follow_ups"):
        query = f"from {child} anti join survey_responses using (response_id)"
        assert scalar(con, f"select count(*) {query}") == 0
    latest = scalar(con, "select max(invoiced_on) from billing_invoice_lines")
    assert latest.isoformat() == truth["as_of"]
    assert scalar(con, "select count(*) from crm_customers where email not like '%.invalid'") == 0


def scalar(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    return con.execute(query).fetchall()[0][0]


def test_the_same_seed_gives_the_same_bytes_on_one_thread_as_on_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = duckdb.connect

    def digests(threads: int, seed: int, customers: int) -> dict[str, str]:
        def with_threads(
            database: str = ":memory:", config: Mapping[str, Any] = NO_OPTIONS, **options: Any
        ) -> duckdb.DuckDBPyConnection:
            return connect(database, config={**config, "threads": threads}, **options)

        monkeypatch.setattr(duckdb, "connect", with_threads)
        out = tmp_path / f"{threads}-{seed}-{customers}"
        simulate("credit_services", out, customers=customers, seed=seed, format="csv", dirt=0.005)
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir())}

    enough_for_two_threads = 2_200  # more lines than one row group of DuckDB
    assert digests(1, 1, enough_for_two_threads) == digests(2, 1, enough_for_two_threads)
    first, other = digests(1, 1, 100), digests(1, 2, 100)
    assert first["survey_responses.csv"] != other["survey_responses.csv"]


# ---------------------------------------------------------------- one point


@dataclass
class Estimate:
    slope: float
    standard_error: float
    revenue: float


def estimates(folder: Path) -> dict[str, Estimate]:
    """The method of ``revenue_per_point`` by client, on lines that lie within one month."""
    con = duckdb.connect()
    for name in ("crm_customers", "survey_responses", "billing_subscriptions"):
        con.execute(f"create view {name} as from '{folder / name}.parquet'")
    con.execute(
        f"""
        create table monthly as
        select customer_id, date_diff('month', date '{START}', month) as m, sum(part) as amount
        from (
            select
                customer_id,
                month,
                amount * (least(month + interval 1 month, til)::date - greatest(month, since))
                    / (til - since) as part
            from (
                select
                    *,
                    coalesce(service_from, invoiced_on) as since,
                    coalesce(service_to, invoiced_on + 1) as til,
                    unnest(generate_series(
                        date_trunc('month', since)::timestamp,
                        date_trunc('month', til - 1)::timestamp,
                        interval 1 month
                    ))::date as month
                from '{folder}/billing_invoice_lines.parquet'
                where line_kind not in ('tax', 'bad_debt')
            )
        )
        group by all
        """
    )
    index = con.execute(
        f"""
        with left_on as (
            select
                customer_id,
                case when bool_and(ended_on is not null) then max(coalesce(notice_on, ended_on)) end
                    as event_on
            from billing_subscriptions
            group by 1
        ),
        answers as (
            select
                *,
                case when score <= 6 then -100 when score >= 9 then 100 else 0 end as y,
                date_trunc('month', responded_at)
                    = date_trunc('month', min(responded_at) over (partition by customer_id))
                    as is_first
            from survey_responses
            inner join left_on using (customer_id)
            where survey_kind = 'relational' and (event_on is null or responded_at < event_on)
        )
        select
            c.customer_id,
            coalesce(c.client_id, 'own'),
            c.customer_type,
            date_diff('month', date '{START}', min(responded_at)::date),
            date_diff('day', min(acquired_on), min(responded_at)::date) / 365.25,
            avg(y)
        from answers
        inner join crm_customers as c using (customer_id)
        where is_first
        group by 1, 2, 3
        order by 1
        """
    ).fetchall()
    number = {row[0]: at for at, row in enumerate(index)}
    spend = np.zeros((len(index), MONTHS))
    for customer, m, amount in con.execute("from monthly").fetchall():
        if customer in number:
            spend[number[customer], m] = float(amount)
    client = np.array([row[1] for row in index])
    month = np.array([row[3] for row in index])
    x = np.array([float(row[5]) for row in index])
    everyone = np.arange(len(index))
    baseline = np.mean([spend[everyone, month - back] for back in (1, 2, 3)], axis=0)
    cell = np.array([f"{row[1]}|{row[2]}" for row in index])
    band = np.zeros(len(index), dtype=int)
    for value in np.unique(cell):
        rows = cell == value
        band[rows] = np.digitize(baseline[rows], np.quantile(baseline[rows], [1 / 3, 2 / 3]))
    tenure = np.digitize([float(row[4]) for row in index], [1, 3, 7])
    strata = np.array([f"{a}|{b}|{c}" for a, b, c in zip(cell, tenure, band, strict=True)])
    active = dict(
        con.execute(
            f"""
            select coalesce(client_id, 'own'), sum(amount) / 3
            from monthly inner join crm_customers using (customer_id)
            where m >= {MONTHS - 3} and customer_id in (
                select customer_id from billing_subscriptions
                group by 1 having bool_or(ended_on is null)
            )
            group by 1
            """
        ).fetchall()
    )
    out = {}
    for name in np.unique(client):
        rows = client == name
        slope, error = slope_over(x[rows], baseline[rows], month[rows], strata[rows], spend[rows])
        out[str(name)] = Estimate(slope, error, float(active[name]))
    return out


def slope_over(
    x: Floats, r: Floats, month: NDArray[Any], strata: NDArray[Any], spend: Floats
) -> tuple[float, float]:
    codes = np.unique(strata, return_inverse=True)[1]
    influence, total = np.zeros(x.size), 0.0
    for k in range(1, HORIZON + 1):
        rows = np.flatnonzero(month + k < MONTHS)
        w, xs, y = r[rows], x[rows], spend[rows, month[rows] + k] / r[rows]
        weight = np.maximum(np.bincount(codes[rows], w), 1e-12)
        xc = xs - (np.bincount(codes[rows], w * xs) / weight)[codes[rows]]
        yc = y - (np.bincount(codes[rows], w * y) / weight)[codes[rows]]
        spread = float((w * xc * xc).sum())
        slope = float((w * xc * yc).sum()) / spread
        influence[rows] += w * xc * (yc - slope * xc) / spread
        total += slope
    return total, float(np.sqrt((influence**2).sum()))


def test_an_estimate_from_the_files_is_within_its_interval_of_the_truth(tmp_path: Path) -> None:
    """Twelve independent clients: unbiased, and the standard error is the real spread."""
    spec = replace(COVERAGE, clients=12, customers=6_000)
    truth = simulate(spec, tmp_path / "w", seed=5)
    found = estimates(tmp_path / "w")
    planted = {name: truth["clients"][name] for name in found}
    z = np.array(
        [(found[n].slope - planted[n]["slope_total"]) / found[n].standard_error for n in found]
    )
    assert len(z) == 12
    assert abs(z.mean()) < 3.3 / np.sqrt(12)
    assert np.abs(z).max() < 4
    assert 0.4 < z.std() < 1.8
    for name, estimate in found.items():
        assert estimate.revenue == pytest.approx(
            planted[name]["monthly_baseline_revenue"], rel=1e-6
        )


def test_in_a_null_world_a_point_is_worth_nothing(tmp_path: Path) -> None:
    spec = replace(COVERAGE, clients=8, customers=4_000, effect_scale=0.0)
    truth = simulate(spec, tmp_path / "w", seed=6)
    found = estimates(tmp_path / "w")
    assert abs(truth["revenue_per_point"]["slope_total"]) < 2e-4
    assert truth["revenue_per_point"]["unadjusted_slope_total"] > 2e-3
    z = np.array([e.slope / e.standard_error for e in found.values()])
    assert abs(z.mean()) < 3.3 / np.sqrt(8)
    assert np.abs(z).max() < 4


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_the_worlds_return_their_value_of_a_point(
    landings: dict[str, tuple[Path, dict[str, Any]]], world: str
) -> None:
    folder, truth = landings[world]
    if world == "credit_services":
        pytest.skip("several currencies; its clients are checked by the build")
    planted = truth["revenue_per_point"]
    found = estimates(folder)["own"]
    assert found.slope == pytest.approx(planted["slope_total"], abs=3.5 * found.standard_error)
    assert found.revenue == pytest.approx(planted["monthly_baseline_revenue"], rel=1e-6)
    parts = planted["churn_component"] + planted["wallet_component"]
    assert parts == pytest.approx(planted["value"], abs=0.02)
    assert planted["unadjusted_slope_total"] > 1.05 * planted["slope_total"]
    if world == "network_operator":
        assert planted["value"] == pytest.approx(8_600_000, rel=1e-5)


# ---------------------------------------------------------------- churn, campaign, NPS


def test_who_leaves_is_who_was_expected_to_and_the_campaign_keeps_35_percent() -> None:
    """Drawn against expected, on enough customers that a slip of a few per cent shows."""
    spec = WORLDS["consumer_carrier"]
    clock = Clock.of(spec.start, spec.months)
    drawn = draw_world(spec, clock, 150_000, 4)
    exposure = drawn.exposure
    event = drawn.event_day[exposure.row]

    campaign = spec.campaign
    assert campaign is not None
    there = (exposure.assigned_day < NEVER) & (event > exposure.assigned_day)
    left = event <= exposure.assigned_day + campaign.window_days
    rates = [float(left[there & (exposure.treated == arm)].mean()) for arm in (False, True)]
    count = [int((there & (exposure.treated == arm)).sum()) for arm in (False, True)]
    error = np.sqrt(sum((1 - p) / (p * n) for p, n in zip(rates, count, strict=True)))
    assert np.log(rates[1] / rates[0]) == pytest.approx(np.log(0.65), abs=3.3 * error)
    expected = expected_campaign_risk(spec, clock, exposure, campaign)
    assert expected[1] / expected[0] == pytest.approx(0.65)
    assert rates[0] == pytest.approx(expected[0], abs=0.012)

    risk = expected_risk(spec, clock, exposure, 120)
    gone = event <= exposure.answer_day + 120
    for category, about in ((0, 0.14), (1, 0.05), (2, 0.03)):
        rows = exposure.category == category
        error = np.sqrt(risk[rows].mean() / rows.sum())
        assert gone[rows].mean() == pytest.approx(risk[rows].mean(), abs=3.3 * error)
        assert risk[rows].mean() == pytest.approx(about, abs=0.01)

    month = drawn.notice_month[exposure.row]
    for k, alive in expected_alive(spec, clock, exposure, HORIZON):
        if k in (1, 4, 7, 12, 24, 36):
            for rows in (exposure.treated, ~exposure.treated & (exposure.category == 0)):
                seen = rows & (exposure.month + k < clock.months)
                drawn_share = (month[seen] >= exposure.month[seen] + k).mean()
                error = np.sqrt(0.25 / seen.sum())
                assert drawn_share == pytest.approx(alive[seen].mean(), abs=3.3 * error)


def test_nps_rises_by_ten_points_at_the_operator(
    landings: dict[str, tuple[Path, dict[str, Any]]],
) -> None:
    folder, truth = landings["network_operator"]
    rise = truth["nps_rise"]
    assert (rise["from"], rise["to"], rise["points"]) == (32.0, 42.0, 10.0)
    quarters = dict(
        duckdb.execute(
            f"""
            select
                year(responded_at) || 'Q' || quarter(responded_at),
                100 * avg((score >= 9)::integer - (score <= 6)::integer)
            from '{folder}/survey_responses.parquet'
            group by 1
            """
        ).fetchall()
    )
    assert quarters["2015Q4"] == pytest.approx(32.0, abs=4)
    assert quarters["2016Q2"] == pytest.approx(42.0, abs=4)


def test_nps_after_contacts_is_the_planted_one_by_service_and_type(
    landings: dict[str, tuple[Path, dict[str, Any]]],
) -> None:
    folder, truth = landings["credit_services"]
    rows = duckdb.execute(
        f"""
        select
            service_line || ' × ' || customer_type,
            count(*),
            100 * avg((score >= 9)::integer - (score <= 6)::integer)
        from '{folder}/survey_responses.parquet'
        inner join '{folder}/crm_customers.parquet' using (customer_id)
        where survey_kind = 'transactional'
        group by 1
        """
    ).fetchall()
    planted = truth["nps"]["segments"]["service_line × customer_type"]
    assert {row[0] for row in rows} == set(planted)
    for segment, count, nps in rows:
        assert count == planted[segment]["responses"]
        assert nps == pytest.approx(planted[segment]["nps"], abs=3.5 * 85 / np.sqrt(count))


# ---------------------------------------------------------------- the ledger


def months_between(begin: date, end: date) -> list[date]:
    month, out = begin.replace(day=1), []
    while month < end:
        out.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return out


def recognise(amount: Decimal, begin: date, end: date) -> dict[date, Decimal]:
    """Spread by day, half up away from zero, the remainder on the last month."""
    months = months_between(begin, end)
    shares = {}
    for month in months:
        until = (month + timedelta(days=32)).replace(day=1)
        days = (min(until, end) - max(month, begin)).days
        share = (abs(amount) * days / (end - begin).days).quantize(Decimal("0.01"), ROUND_HALF_UP)
        shares[month] = share.copy_sign(amount)
    shares[months[-1]] = amount - sum((shares[m] for m in months[:-1]), Decimal(0))
    return shares


def test_the_ledger_is_the_recognised_revenue_to_the_cent(tmp_path: Path) -> None:
    spec = replace(WORLDS["network_operator"], quarterly_share=0.6)
    simulate(spec, tmp_path / "w", customers=300, seed=8)
    lines = duckdb.execute(
        f"""
        select customer_id, currency, invoiced_on, service_from, service_to, amount
        from '{tmp_path}/w/billing_invoice_lines.parquet'
        where line_kind not in ('tax', 'bad_debt')
        """
    ).fetchall()
    ended = dict(
        duckdb.execute(
            f"""
            select customer_id, max(ended_on)
            from '{tmp_path}/w/billing_subscriptions.parquet'
            group by 1
            having bool_and(ended_on is not null)
            """
        ).fetchall()
    )
    books: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    afterwards: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    spans = set()
    for customer, currency, invoiced_on, begin, end, amount in lines:
        begin, end = begin or invoiced_on, end or invoiced_on + timedelta(days=1)
        for month, part in recognise(amount, begin, end).items():
            books[month, currency] += part
            if customer in ended and month >= ended[customer]:
                afterwards[customer, month] += part
        spans.add(len(months_between(begin, end)))
    ledger = duckdb.execute(
        f"select month, currency, amount from '{tmp_path}/w/finance_ledger_balances.parquet'"
    ).fetchall()
    assert {(m, c): a for m, c, a in ledger} == dict(books)
    assert spans == {1, 2, 3}
    assert afterwards  # some left in mid-quarter, and were credited what they did not use
    assert set(afterwards.values()) == {Decimal(0)}


# ---------------------------------------------------------------- dirt and errors


def test_dirt_is_added_to_the_good_rows_and_counted_by_reason(tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean", tmp_path / "dirty"
    before = simulate("consumer_carrier", clean, customers=1_000, seed=2, format="csv")
    after = simulate("consumer_carrier", dirty, customers=1_000, seed=2, format="csv", dirt=0.03)
    assert after["revenue_per_point"] == before["revenue_per_point"]
    assert before["dirt"] == {}
    reasons = after["dirt"]["billing_invoice_lines"]
    assert {
        "malformed_row", "not_a_number_amount", "not_a_date_service_from", "missing_customer_id",
        "unknown_code_line_kind", "unknown_code_currency", "unknown_customer", "exact_duplicate",
        "duplicate_key", "ends_before_start",
    } <= set(reasons)  # fmt: skip
    assert {"score_out_of_range", "score_not_on_scale"} <= set(after["dirt"]["survey_responses"])
    for name, rows in after["rows"].items():
        assert rows["read"] == rows["accepted"] + rows["rejected"]
        assert rows["rejected"] == sum(after["dirt"].get(name, {}).values())
        assert rows["accepted"] == before["rows"][name]["read"]
        good = (clean / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        mixed = (dirty / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert len(mixed) == rows["read"] + 1
        added = len(mixed) - len(good)
        half = 1 + rows["accepted"] // 2
        assert mixed[:half] + mixed[half + added :] == good  # in the middle, nothing else moved


def test_exactly_the_malformed_lines_cannot_be_read_as_csv(tmp_path: Path) -> None:
    truth = simulate("credit_services", tmp_path / "w", customers=600, format="csv", dirt=0.02)
    for name, columns in contract_columns().items():
        path = tmp_path / "w" / f"{name}.csv"
        if not truth["rows"].get(name, {"rejected": 0})["rejected"]:
            continue
        con = duckdb.connect()
        con.execute(
            f"create table raw as from read_csv('{path}', auto_detect = false, header = true,"
            f" delim = ',', quote = '\"', escape = '\"', store_rejects = true,"
            f" columns = {dict.fromkeys(columns, 'VARCHAR')})"
        )
        malformed = truth["dirt"][name].get("malformed_row", 0)
        assert scalar(con, "select count(distinct line) from reject_errors") == malformed
        assert scalar(con, "select count(*) from raw") == truth["rows"][name]["read"] - malformed


def test_dirty_parquet_is_text_and_keeps_every_good_row(tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean", tmp_path / "dirty"
    simulate("consumer_carrier", clean, customers=600, seed=2)
    truth = simulate("consumer_carrier", dirty, customers=600, seed=2, dirt=0.02)
    for name in ("billing_invoice_lines", "billing_subscriptions", "crm_customers"):
        con = duckdb.connect()
        types = con.execute(f"describe from '{dirty}/{name}.parquet'").fetchall()
        assert {row[1] for row in types} == {"VARCHAR"}
        as_text = f"select columns(*)::varchar from '{clean}/{name}.parquet'"
        kept = f"{as_text} except all from '{dirty}/{name}.parquet'"
        assert scalar(con, f"select count(*) from ({kept})") == 0
        extra = f"from '{dirty}/{name}.parquet' except all {as_text}"
        assert scalar(con, f"select count(*) from ({extra})") == truth["rows"][name]["rejected"]
        assert "malformed_row" not in truth["dirt"][name]


def test_errors_are_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"'atlantis'; the known ones are consumer_carrier"):
        simulate("atlantis", tmp_path / "a")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(SimulationError, match=r"is not empty; give a new one"):
        simulate("consumer_carrier", tmp_path / "full")
    with pytest.raises(SimulationError, match=r"cannot be written"):
        simulate("consumer_carrier", tmp_path / "full" / "x" / "y")
    with pytest.raises(SimulationError, match=r"ask for at least 24"):
        simulate("consumer_carrier", tmp_path / "a", months=12)
    with pytest.raises(SimulationError, match=r"ask for at least 60"):
        simulate("credit_services", tmp_path / "a", customers=20)
    with pytest.raises(SimulationError, match=r"a number from 0 to 0.5"):
        simulate("consumer_carrier", tmp_path / "a", dirt=2.0)
    assert not (tmp_path / "a").exists()
