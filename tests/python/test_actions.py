"""The list of actions: drawn by a recorded seed, within its budget, measured when back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pointworth.actions import KINDS, Wanted, draw_list, write_list
from risks import ACTED, AS_OF, COST, Plan, month_start, write_risks
from worlds import World, built_once, dbt_build

BEFORE = Plan(customers=8_000, hazard=0.012, seed=11, campaign=0.4)
LISTED_ON = month_start(ACTED) - timedelta(days=1)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Customers of whom some were kept by campaigns, on the day on which the list is drawn."""
    return built_once(
        tmp_path_factory,
        "risks_with_campaigns",
        lambda folder: write_risks(folder, BEFORE),
        select=["+actions_due"],
        as_of_date=str(LISTED_ON),
    )


@contextmanager
def marts_of(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its marts as they are when published."""
    with duckdb.connect(str(world.file), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        yield connection


def listed(world: World, wanted: Wanted, seed: str = "7") -> pd.DataFrame:
    """A list."""
    with marts_of(world) as connection:
        draw_list(connection, wanted, seed)
        return connection.execute("select * from listed").df()


def test_the_same_seed_draws_the_same_customers_and_another_one_others(world: World) -> None:
    wanted = Wanted(top=200, hold_out=0.25)
    first, again, other = (listed(world, wanted, seed) for seed in ("7", "7", "8"))
    pd.testing.assert_frame_equal(first, again)
    assert first["customer_id"].tolist() == other["customer_id"].tolist()
    assert first["arm"].tolist() != other["arm"].tolist()
    assert first["customer_id"].is_unique
    for _, rows in first.groupby(["work_kind", "action_kind"]):
        held_out = max(int(0.25 * len(rows) + 0.5), 1)
        assert (rows["arm"] == "control").sum() == min(held_out, len(rows) - 1)
        assert (rows["treated_share"] == 0.75).all()


def test_the_best_come_first_within_the_budget_and_of_one_client(world: World) -> None:
    rows = listed(world, Wanted(top=300, budget=100.0, hold_out=0.2, kinds=("retention",)))
    assert len(rows) == int(100 / (COST * 0.8))
    assert rows["value"].is_monotonic_decreasing
    assert (rows["value_kind"] == "expected_net_value").all()
    assert rows.loc[rows["arm"] == "treated", "contact_cost"].sum() <= 100
    east = listed(world, Wanted(top=50, client="east"))
    assert set(east["client_id"]) == {"east"}
    assert {"retention", "ask"} & set(east["work_kind"])


def test_nobody_is_suggested_what_has_no_evidence_of_helping(world: World) -> None:
    with marts_of(world) as connection:
        suggested = connection.execute(
            "select distinct suggested_campaign_id, action_evidence from churn_risk_scores"
        ).fetchall()
        helpful = connection.execute(
            "select distinct campaign_id from retention_action_effects "
            "where segment_dimension = 'all' and relative_reduction_lower > 0"
        ).fetchall()
        values = connection.execute(
            "select * from churn_risk_scores where suggested_action <> 'leave_alone'"
        ).df()
    campaigns = {name for name, _ in suggested} - {"leave_alone"}
    assert campaigns
    assert campaigns <= {name for (name,) in helpful}
    assert {evidence for name, evidence in suggested if name != "leave_alone"} == {"randomised"}
    assert (values["expected_net_value"] > 0).all()
    assert not values["is_in_action"].any()


def acted_upon(
    world: World, folder: Path, ratio: float, kinds: tuple[str, ...] = ("retention",)
) -> tuple[World, pd.DataFrame]:
    """The next build and the list it had, when a retention action multiplies the risk of leaving
    so, and other work does nothing."""
    with marts_of(world) as connection:
        draw_list(connection, Wanted(top=4_000, hold_out=0.4, kinds=kinds), "7")
        rows = connection.execute("select * from listed").df()
        is_kept = (rows["arm"] == "treated") & (rows["work_kind"] == "retention")
        plan = Plan(
            **{**BEFORE.__dict__, "acted": frozenset(rows.loc[is_kept, "customer_id"])}
            | {"ratio": ratio}
        )
        later = World(folder)
        write_risks(later.landing, plan)
        assignments = later.landing / "campaign_assignments"
        (later.landing / "campaign_assignments.csv").rename(later.landing / "kept.csv")
        assignments.mkdir()
        (later.landing / "kept.csv").rename(assignments / "kept.csv")
        write_list(connection, assignments / "list.csv")
    dbt_build(
        later.landing,
        later.file,
        select=["+retention_action_effects", "+landing_reconciliation"],
        as_of_date=str(AS_OF),
    )
    return later, rows


def measured(later: World, campaign: str) -> dict[str, Any]:
    """What the build says of a list."""
    return later.one(
        "select * from marts.retention_action_effects where campaign_id = ? "
        "and segment_dimension = 'all' and target_category = 'all'",
        campaign,
    )


def test_the_next_build_measures_what_each_list_brought(world: World, tmp_path: Path) -> None:
    later, rows = acted_upon(world, tmp_path, ratio=0.5, kinds=KINDS)
    assert later.rows(
        "select rows_rejected from marts.landing_reconciliation "
        "where dataset = 'campaign_assignments'"
    ) == [(0,)]
    kinds = rows.groupby("work_kind")["campaign_id"].first()
    assert {"retention", "referral_request", "upsell_offer"} <= set(kinds.index)
    for kind, campaign in kinds.items():
        found = measured(later, campaign)
        listed = rows[rows["work_kind"] == kind]["arm"].value_counts()
        assert found["assigned_treated"] == listed["treated"]
        assert found["assigned_control"] == listed["control"]
        assert found["evidence"] == "randomised"
        if kind == "retention":
            assert found["assigned_treated"] + found["assigned_control"] > 1_000
            reduction = found["relative_reduction_lower"], found["relative_reduction_upper"]
            assert 0 < reduction[0] < 0.5 < reduction[1]
        elif found["is_reportable"] and found["relative_reduction"] is not None:
            assert found["relative_reduction_lower"] < 0 < found["relative_reduction_upper"]


def test_of_a_worthless_action_the_next_build_says_so(world: World, tmp_path: Path) -> None:
    later, rows = acted_upon(world, tmp_path, ratio=1.0)
    found = measured(later, rows["campaign_id"].iloc[0])
    assert found["evidence"] == "randomised"
    assert found["relative_reduction_lower"] < 0 < found["relative_reduction_upper"]
    assert found["net_value"] < found["revenue_kept"] or found["cost"] == 0
