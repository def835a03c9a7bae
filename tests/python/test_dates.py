"""One date moves neither the clock, nor the calendar, nor another customer's figure."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pointworth.errors import PointworthError
from pointworth.run.sentences import on_clock
from pointworth.settings import latest_day_anywhere, read_settings
from worlds import World, dbt_build

MONTHS = [date(2023 + month // 12, month % 12 + 1, 1) for month in range(18)]
"""January 2023 to June 2024."""
CUSTOMERS = [f"c{number}" for number in range(60)]


def write(folder: Path, dataset: str, header: str, rows: Iterable[str]) -> None:
    """One dataset as a CSV file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{dataset}.csv").write_text("\n".join([header, *rows, ""]), "utf-8")


def write_landing(folder: Path, **odd: Iterable[str]) -> None:
    """Sixty customers with 100.00 a month until June 2024 and an answer in May; and odd rows."""

    def dataset(name: str, header: str, rows: Iterable[str]) -> None:
        write(folder, name, header, [*rows, *odd.get(name, ())])

    dataset("crm_customers", "customer_id,acquired_on", (f"{c},2022-06-15" for c in CUSTOMERS))
    dataset(
        "survey_responses",
        "response_id,customer_id,responded_at,score",
        (f"r-{c},{c},2024-05-{at % 28 + 1:02}T10:00:00,9" for at, c in enumerate(CUSTOMERS)),
    )
    dataset(
        "billing_subscriptions",
        "subscription_id,customer_id,started_on,notice_on,ended_on",
        (f"s-{c},{c},2022-06-15,," for c in CUSTOMERS),
    )
    dataset(
        "billing_invoice_lines",
        "invoice_line_id,customer_id,invoiced_on,amount,service_from,service_to",
        (f"l-{c}-{month},{c},{month},100,," for c in CUSTOMERS for month in MONTHS),
    )
    dataset(
        "support_interactions",
        "interaction_id,customer_id,journey_stage,channel,opened_at,resolved_at",
        (f"i-{c},{c},billing,phone,2024-04-20T10:00Z,2024-04-21T10:00Z" for c in CUSTOMERS),
    )


ODD = {
    "crm_customers": [
        "lifetime,2022-06-15",
        "home,2024-04-01T00:00:00+02:00",
        "never,9999-12-31",
        "old,1955-03-01",
    ],
    "survey_responses": [
        "epoch,c0,1970-01-01T00:00:00Z,0",
        "zero,c0,1900-01-01,0",
        "ahead,c0,2099-06-01T10:00:00Z,0",
    ],
    "billing_subscriptions": [
        "s-home,home,2024-04-01T00:00:00+02:00,,",
        "s-open,lifetime,2022-06-15,9999-12-31,9999-12-31T23:59:59+02:00",
        "s-old,old,1955-03-01,,2099-12-31",
    ],
    "billing_invoice_lines": [
        "renewal,c1,2025-01-01,1200,2025-01-01,2026-01-01",
        "ahead,c1,2099-01-01,1,,",
        "lifetime,lifetime,2024-01-10,900,2024-01-01,2099-12-31",
        "endless,lifetime,2024-01-10,1,2024-01-01,9999-12-31",
        *(f"home-{m},home,2024-{m:02}-01T00:00:00+02:00,100,," for m in (4, 5, 6)),
        *(f"old-{m},old,{m},100,," for m in MONTHS),
    ],
    "support_interactions": [
        "later,c2,billing,phone,2024-05-20T10:00Z,2024-06-02T00:00Z",
        "open,c3,billing,phone,2024-05-20T10:00Z,9999-12-31T23:59:59Z",
    ],
}

REJECTED = {
    ("crm_customers", "never"): "too_far_acquired_on",
    ("survey_responses", "epoch"): "too_far_responded_at",
    ("survey_responses", "zero"): "too_far_responded_at",
    ("survey_responses", "ahead"): "in_the_future",
    ("billing_invoice_lines", "renewal"): "in_the_future",
    ("billing_invoice_lines", "ahead"): "in_the_future",
    ("billing_invoice_lines", "endless"): "too_far_service_to",
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> World:
    """All odd dates in one landing, built with every data test."""
    world = World(tmp_path_factory.mktemp("odd_dates"))
    write_landing(world.landing, **ODD)
    statuses = dbt_build(world.landing, world.file, tests="data")
    failed = [name for name, status in statuses.items() if status not in ("success", "pass")]
    assert failed == []
    assert sum(name.startswith("test.") for name in statuses) > 200
    return world


def test_every_odd_row_is_rejected_for_its_reason_and_no_other_is(odd: World) -> None:
    found = {
        (dataset, text.split("=")[1].split(";")[0]): reasons
        for dataset, text, reasons in odd.rows(
            "select dataset, raw_text, reasons from marts.rejected_rows"
        )
    }
    assert found == REJECTED


def test_the_clock_follows_all_and_not_a_few(odd: World) -> None:
    clock = odd.one("select * from intermediate.int_run_clock")
    assert (clock["as_of"], clock["last_complete_month"]) == (date(2024, 6, 1), date(2024, 5, 1))
    assert (clock["dense_until"], clock["latest_day"]) == (date(2024, 6, 1), date(2099, 6, 1))
    assert clock["events_after"] == 3


def test_nobody_elses_baseline_moves(odd: World) -> None:
    baselines = dict(
        odd.rows("select customer_id, monthly_baseline_revenue from marts.dim_customers")
    )
    assert {baselines[customer] for customer in (*CUSTOMERS, "home", "old")} == {100.0}


def test_the_calendar_begins_where_the_data_are(odd: World) -> None:
    days = odd.one(
        "select min(date_day) as a, max(date_day) as z, count(*) as n from marts.dim_dates"
    )
    assert (days["a"], days["z"], days["n"]) == (date(2023, 1, 1), date(2024, 6, 30), 547)
    months = odd.rows(
        "select distinct month_end from marts.nps_rolling where segment_dimension = 'all'"
    )
    assert months == [(date(2024, 5, 31),)]


def test_a_service_of_a_lifetime_is_spread_over_its_months(odd: World) -> None:
    spread = odd.one(
        "select count(*) as months, sum(net_revenue) as amount, max(revenue_month) as last "
        "from marts.fct_customer_revenue_monthly where customer_id = 'lifetime'"
    )
    assert (spread["months"], float(spread["amount"])) == (912, 900.0)
    assert spread["last"] == date(2099, 12, 1)


def test_a_midnight_at_home_stays_in_its_month(odd: World) -> None:
    assert odd.rows(
        "select revenue_month, cast(net_revenue as double) "
        "from marts.fct_customer_revenue_monthly where customer_id = 'home' order by 1"
    ) == [(date(2024, month, 1), 100.0) for month in (4, 5, 6)]
    assert odd.rows(
        "select started_on from marts.fct_subscriptions where subscription_id = 's-home'"
    ) == [(date(2024, 4, 1),)]


def test_an_end_that_is_not_known_is_none(odd: World) -> None:
    assert odd.rows(
        "select subscription_id, notice_on, ended_on, is_active from marts.fct_subscriptions "
        "where subscription_id in ('s-open', 's-old') order by 1"
    ) == [("s-old", None, date(2099, 12, 31), True), ("s-open", None, None, True)]
    assert odd.rows("select distinct is_active, churned_on from marts.dim_customers") == [
        (True, None)
    ]


def test_what_is_resolved_later_is_not_resolved_yet(odd: World) -> None:
    assert odd.rows(
        "select interaction_id, resolved_at from marts.fct_interactions "
        "where interaction_id in ('later', 'open') order by 1"
    ) == [("later", None), ("open", None)]
    (unresolved,) = odd.rows(
        "select unresolved from marts.contact_effort where period_grain = 'all_time' "
        "and segment_dimension = 'all' and journey_stage = 'all' and channel = 'all'"
    )
    assert unresolved == (2,)


def test_without_targets_there_is_none(odd: World) -> None:
    assert odd.rows("select * from intermediate.int_nps_targets") == []
    tracked = odd.rows("select target, path_nps, on_track from marts.nps_target_tracking")
    assert set(tracked) == {(None, None, None)}
    assert odd.rows("select * from marts.revenue_scenarios where scenario = 'to_target'") == []


def clock(**values: Any) -> dict[str, str | None]:
    """A row of int_run_clock, as texts."""
    row = {"as_of": "2024-06-01", "dense_until": "2024-06-01", "latest_day": "2025-01-01"}
    return {**row, "events_after": "1", **values}


def test_the_run_says_which_rows_the_clock_has_left_out() -> None:
    assert on_clock(clock()) == (
        "The clock stands at 2024-06-01: one answer or line comes (up to 2025-01-01) more than a "
        "month after the last of all others, too few to move it; they are rejected as "
        "in_the_future (--as-of 2025-01-01 counts them)."
    )


def test_the_run_says_that_few_rows_set_the_clock() -> None:
    assert on_clock(clock(as_of="2025-01-01", events_after="30")) == (
        "The clock stands at 2025-01-01, but 30 answers or invoice lines come (up to 2025-01-01) "
        "more than a month after the last of all others on 2024-06-01, and the months between "
        "count as complete; if they should not, build with --as-of 2024-06-01."
    )


def test_a_run_whose_rows_come_as_they_use_to_says_nothing() -> None:
    assert on_clock(clock(dense_until=None)) is None
    assert on_clock(clock(as_of=None, dense_until=None)) is None


def test_the_command_gives_the_day_of_the_build_and_the_landing_may_give_another(
    tmp_path: Path,
) -> None:
    known = {"not_after": None, "as_of_date": None}
    assert read_settings(tmp_path, known).variables["not_after"] == latest_day_anywhere()
    (tmp_path / "pointworth.yml").write_text("not_after: 2024-01-31\n", "utf-8")
    assert read_settings(tmp_path, known).variables["not_after"] == "2024-01-31"


def test_the_calendar_is_set_by_a_day(tmp_path: Path) -> None:
    known = {"calendar_from": "1980-01-01"}
    (tmp_path / "pointworth.yml").write_text("calendar_from: 1990-01-01\n", "utf-8")
    assert read_settings(tmp_path, known).variables["calendar_from"] == "1990-01-01"
    (tmp_path / "pointworth.yml").write_text("calendar_from: the nineties\n", "utf-8")
    with pytest.raises(PointworthError, match="calendar_from the nineties is no date"):
        read_settings(tmp_path, known)
