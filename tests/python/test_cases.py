"""Landings made after faults that people met with their exports, and what a careful user expects.

Each builds what its figures need with every data test on the way: a landing never fails a test.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from pointworth.errors import PointworthError
from pointworth.landing import inspect_landing
from pointworth.project import landing_contract
from worlds import ROOT, World, dbt_build

CASES = ROOT.parent / "shared" / "data" / "cases"
NOT_AFTER = "2026-11-01"
NONE: Mapping[str, Any] = {}

pytestmark = [
    pytest.mark.slow,  # each test is a build or more
    pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is not there"),
]


class Case:
    """Builds a case once for a test, or looks at it without building."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build(self, name: str, *select: str, **variables: Any) -> World:
        """What is built of a case; a data test that fails fails here."""
        world = World(self.folder / name)
        world.folder.mkdir()
        world.landing.symlink_to(CASES / name / "landing")
        wanted = ["+landing_reconciliation", "+rejected_rows", *(f"+{model}" for model in select)]
        statuses = dbt_build(
            world.landing,
            world.file,
            select=wanted,
            tests="data",
            indirect="cautious",
            not_after=NOT_AFTER,
            **variables,
        )
        failed = [node for node, status in statuses.items() if status in ("error", "fail")]
        assert failed == []
        return world


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Where a case is built."""
    return Case(tmp_path)


def counts(world: World, dataset: str = "survey_responses") -> tuple[int, int, int]:
    """Rows read, accepted and rejected."""
    ((read, accepted, rejected, difference),) = world.rows(
        "select rows_read, rows_accepted, rows_rejected, difference "
        "from marts.landing_reconciliation where dataset = ?",
        dataset,
    )
    assert difference == 0
    return read, accepted, rejected


def score(world: World, dimension: str = "all", value: str = "all") -> tuple[int, float]:
    """Answers counted and the score over all time."""
    ((responses, nps),) = world.rows(
        "select responses, nps from marts.nps_by_segment where period_grain = 'all_time' "
        "and segment_dimension = ? and segment_value = ?",
        dimension,
        value,
    )
    return responses, nps


def months(world: World, customer: str) -> dict[str, float]:
    """Net revenue of a customer by month."""
    return {
        str(month)[:7]: float(revenue)
        for month, revenue in world.rows(
            "select revenue_month, net_revenue from marts.fct_customer_revenue_monthly "
            "where customer_id = ? and net_revenue <> 0 order by revenue_month",
            customer,
        )
    }


def reasons(world: World, dataset: str) -> list[str]:
    """Why rows of a dataset were rejected."""
    return [
        reason
        for (reason,) in world.rows(
            "select reasons from marts.rejected_rows where dataset = ? order by source_row", dataset
        )
    ]


@pytest.mark.parametrize(
    "name",
    ["1-header-comma", "4-header-case-twins", "23-respondent-anonymous", "28-hidden-mac-file"],
)
def test_forty_answers_are_forty(case: Case, name: str) -> None:
    world = case.build(name, "nps_by_segment")
    assert counts(world) == (40, 40, 0)
    assert score(world) == (40, 30.0)


def test_what_is_not_read_is_named(case: Case) -> None:
    contract = landing_contract(ROOT)
    header = case.build("1-header-comma")
    twins = case.build("4-header-case-twins")
    ignored = "select column_name from landing.ignored_columns"
    assert header.rows(ignored) == [("Would you recommend us, in words",)]
    assert twins.rows(ignored) == [("Channel",)]
    hidden = inspect_landing(CASES / "28-hidden-mac-file" / "landing", contract, frozenset())
    assert [str(path) for path in hidden.passed_over] == ["survey_responses/._part-1.csv"]


def test_an_open_quote_costs_one_line(case: Case) -> None:
    world = case.build("5-open-quote-swallows", "nps_by_segment")
    assert counts(world) == (100, 99, 1)
    responses, nps = score(world)
    assert responses == 99
    assert nps == pytest.approx(-100 / 99)


def test_a_semicolon_is_said_at_once() -> None:
    with pytest.raises(PointworthError, match="semicolon") as refused:
        inspect_landing(
            CASES / "8b-semicolon-message" / "landing", landing_contract(ROOT), frozenset()
        )
    assert refused.value.exit_code == 2


def test_a_file_nobody_reads_is_named() -> None:
    landing = CASES / "27-upper-case-extension" / "landing"
    with pytest.raises(PointworthError, match=r"billing_subscription[.]csv") as refused:
        inspect_landing(landing, landing_contract(ROOT), frozenset())
    assert "billing_subscriptions" in refused.value.message
    assert refused.value.exit_code == 3


def test_an_extension_in_capitals_is_read(case: Case) -> None:
    world = case.build("27-upper-case-extension", "fct_customer_revenue_monthly")
    assert months(world, "c1") == {"2024-04": 500.0}


def test_the_forms_of_time(case: Case) -> None:
    world = case.build("10-iso-timestamps")
    found = dict(world.rows("select response_id, responded_at from staging.stg_survey__responses"))
    assert found == {
        "t00": datetime(2024, 5, 3, 10),
        "t01": datetime(2024, 5, 3, 10),
        "t02": datetime(2024, 5, 3, 8),
        "t03": datetime(2024, 5, 3, 10, 0, 0, 123456),
        "t04": datetime(2024, 5, 3, 10),
        "t05": datetime(2024, 5, 3, 8),
        "t06": datetime(2024, 5, 4),
        "t07": datetime(2024, 2, 29, 15, 30),
        "t09": datetime(2024, 5, 3, 10, 0, 0, 123456),
        "t10": datetime(2024, 5, 3, 10),
        "t11": datetime(2024, 5, 3, 10),
        "t12": datetime(2024, 5, 3, 8),
    }
    assert reasons(world, "survey_responses") == ["not_a_date_responded_at"]


def test_a_local_midnight_stays_its_own_day(case: Case) -> None:
    world = case.build(
        "11-date-with-offset", "fct_customer_revenue_monthly", "stg_billing__subscriptions"
    )
    assert months(world, "c1") == {"2024-04": 100.0, "2024-05": 100.0, "2024-06": 100.0}
    assert world.rows("select started_on from staging.stg_billing__subscriptions") == [
        (date(2024, 4, 1),)
    ]


def test_one_renewal_does_not_move_the_clock(case: Case) -> None:
    world = case.build("12b-future-invoice-clock", "dim_customers")
    assert world.rows("select distinct monthly_baseline_revenue from marts.dim_customers") == [
        (100.0,)
    ]
    assert world.one("select as_of from intermediate.int_run_clock")["as_of"].year == 2024


def test_a_licence_for_life(case: Case) -> None:
    world = case.build("14-service-to-2099", "revenue_reconciliation")
    read, accepted, rejected = counts(world, "billing_invoice_lines")
    assert (read, accepted, rejected) == (2, 2, 0)
    ((recognised, lines),) = world.rows(
        "select sum(amount), count(*) from intermediate.int_revenue_recognised "
        "where customer_id = 'c1'"
    )
    assert float(recognised) == 900.0
    assert lines == 912


def test_parts_of_a_cent_add_up(case: Case) -> None:
    world = case.build(
        "15-sub-cent-lines", "revenue_reconciliation", "fct_customer_revenue_monthly"
    )
    assert months(world, "c1") == {"2024-04": 4.0}
    rows = world.rows("select ledger_difference from marts.revenue_reconciliation")
    assert [float(difference) for (difference,) in rows if difference is not None] == [0.0] * sum(
        difference is not None for (difference,) in rows
    )


def test_a_year_paid_in_advance_is_activity(case: Case) -> None:
    world = case.build("16-prepaid-year-inactivity", "dim_customers", churn_basis="inactivity")
    assert world.rows(
        "select customer_id, is_active, churned_on from marts.dim_customers order by customer_id"
    ) == [("a1", True, None), ("m1", True, None)]
    assert world.rows(
        "select count(*) from intermediate.int_customer_spells where customer_id = 'a1'"
    ) == [(1,)]


def test_an_order_cancelled_on_its_day_makes_no_customer(case: Case) -> None:
    world = case.build("17a-same-day-contract-stops-run", "dim_customers", "churn_cohorts")
    assert world.rows(
        "select customer_id, is_active, churned_on from marts.dim_customers order by customer_id"
    ) == [("c1", False, None), ("c2", True, None)]
    assert world.rows("select coalesce(max(customers), 0) <= 1 from marts.churn_cohorts") == [
        (True,)
    ]


def test_only_who_left_by_choice_is_voluntary(case: Case) -> None:
    world = case.build("18-end-reason", "dim_customers")
    found = dict(world.rows("select customer_id, churn_reason from marts.dim_customers"))
    assert {found[name] for name in ("c1", "c2", "c3")} == {"non_payment"}
    assert "voluntary" not in {found[name] for name in ("c4", "c5", "c6")}
    assert found["c7"] == "voluntary"


def test_a_correction_is_no_return(case: Case) -> None:
    world = case.build("19-late-correction", "fct_customer_revenue_monthly")
    moved = {
        (customer, str(month)[:7]): kind
        for customer, month, kind in world.rows(
            "select customer_id, revenue_month, movement_kind "
            "from marts.fct_customer_revenue_monthly where movement_kind is not null"
        )
    }
    assert moved[("c1", "2024-01")] == "new"
    assert moved[("c1", "2024-04")] == "churn"
    late = {
        kind for (customer, month), kind in moved.items() if customer == "c1" and month > "2024-04"
    }
    assert not late & {"reactivation", "churn", "new"}
    assert ("c3", "2024-04") not in moved or moved[("c3", "2024-04")] not in (
        "churn",
        "contraction",
    )
    assert months(world, "c3")["2024-04"] == -150.0
    kinds = {kind for (customer, month), kind in moved.items() if customer == "c4"}
    assert not kinds & {"churn", "reactivation"}


def test_a_rate_of_nothing_is_no_rate(case: Case) -> None:
    world = case.build("20a-zero-rate", "fct_customer_revenue_monthly")
    assert reasons(world, "billing_invoice_lines") == ["unknown_code_currency"]
    assert months(world, "u") == {}
    assert months(world, "g")["2024-04"] in (110.0, 120.0)
    assert months(world, "h")["2024-04"] in (100.0, 105.0)
    assert sorted(reasons(world, "billing_exchange_rates")) == [
        "duplicate_key",
        "duplicate_key",
        "not_positive_rate_to_reporting",
    ]


def test_a_month_of_the_ledger_stands_once(case: Case) -> None:
    world = case.build("21-ledger-month-twins", "revenue_reconciliation")
    assert reasons(world, "finance_ledger_balances") == ["exact_duplicate"]
    ((ledger, difference),) = world.rows(
        "select ledger_amount, ledger_difference from marts.revenue_reconciliation "
        "where ledger_amount is not null"
    )
    assert (float(ledger), float(difference)) == (500.0, 0.0)


@pytest.mark.parametrize("order", ["as_written", "turned"])
def test_who_stands_in_both_arms_stands_in_none(
    case: Case, tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "22a-both-arms"
    if order == "turned":
        turned = tmp_path / "cases" / name / "landing"
        turned.mkdir(parents=True)
        for file in (CASES / name / "landing").iterdir():
            content = file.read_text("utf-8")
            if file.stem == "campaign_assignments":
                for one, other in (("-1,", "-x,"), ("-2,", "-1,"), ("-x,", "-2,")):
                    content = content.replace(one, other)
            (turned / file.name).write_text(content, "utf-8")
        monkeypatch.setattr(f"{__name__}.CASES", tmp_path / "cases")
    world = case.build(name, "retention_action_effects")
    ((treated, control, difference),) = world.rows(
        "select treated, control, risk_difference from marts.retention_action_effects "
        "where target_category = 'all' and segment_dimension = 'all'"
    )
    assert (treated, control) == (45, 45)
    assert difference in (None, 0.0)


def test_a_credit_note_without_a_sign_is_one(case: Case) -> None:
    world = case.build("35-credit-note-unsigned", "fct_customer_revenue_monthly")
    assert months(world, "c1") == {"2024-04": 60.0}


def test_one_number_of_two_clients(case: Case) -> None:
    world = case.build("36-same-number-two-clients", "nps_by_segment", customer_key="per_client")
    alpha, _ = score(world, "client_id", "alpha")
    beta, _ = score(world, "client_id", "beta")
    assert (alpha, beta) == (41, 1)
    detractors = world.rows(
        "select detractors from marts.nps_by_segment where period_grain = 'all_time' "
        "and segment_dimension = 'client_id' and segment_value = 'alpha'"
    )
    assert detractors == [(1,)]


def test_every_case_is_here() -> None:
    """A case that is added without a test is a fault nobody looks at."""
    content = Path(__file__).read_text("utf-8")
    assert [folder.name for folder in CASES.iterdir() if folder.name not in content] == []
