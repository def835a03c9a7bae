"""Worlds in which a fault before the answer lowers it by known points, and where it does not.

The models run on relations made here: many clients, each a small world of its own. Unhappy strata
have more faults, so that exposed and unexposed differ before any fault. Traps that a model must not
fall into: faults at the second of the answer and after it, which only detractors have.
"""

import numpy as np
import pandas as pd
import pytest

import worlds
from worlds import Bench

MODELS = (
    "int_journey_stages",
    "int_contact_histories",
    "int_contacts_marked",
    "int_journey_answers",
    "int_journey_exposures",
    "int_journey_totals",
    "int_journey_strata",
    "int_journey_differences",
)
CLIENTS, CUSTOMERS, EFFECT = 120, 420, 24.0
# Share of customers, share of them with a fault, and probability to be a detractor and a promoter,
# of four strata.
SHARES = np.array([0.4, 0.2, 0.25, 0.15])
FAULTS = np.array([0.15, 0.3, 0.45, 0.6])
DETRACTORS = np.array([0.1, 0.2, 0.35, 0.5])
PROMOTERS = np.array([0.7, 0.55, 0.4, 0.25])


def run(bench: Bench, answers: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """journey_impact of these answers and contacts."""
    answers = bench.give_cells(answers)
    customers = answers[["customer_id", "client_id", "customer_cell"]].drop_duplicates()
    for relation in ("marts.fct_survey_responses", "intermediate.int_answers_voiced"):
        bench.give(relation, "select * from answers", answers=answers)
    bench.give(
        "intermediate.int_answers_in_cells",
        "select response_id, standing_cell from answers",
        answers=answers,
    )
    bench.give(
        "intermediate.int_nps_counted_answers",
        "select 'month' as period_grain, cast(date_trunc('month', responded_at) as date) "
        "as period_start, survey_kind, score_scale, response_id, customer_id from answers",
        answers=answers,
    )
    bench.give(
        "intermediate.int_customer_profiles",
        "select * from customers",
        customers=customers,
    )
    bench.give(
        "marts.fct_interactions",
        "select *, 'phone' as channel, cast(null as decimal(18, 2)) as handling_cost from contacts",
        contacts=contacts,
    )
    bench.give(
        "reference.journey_stages",
        "select 'fault' as journey_stage, 'Fault' as label, 1 as stage_order, "
        "'trouble' as phase, 24 as slow_after_hours",
    )
    bench.give("reference.score_scales", "select 'nps_0_10' as scale, true as is_nps")
    bench.give(
        "marts.revenue_per_point",
        "select 'all' as segment_dimension, 'all' as segment_value, 'adjusted' as adjustment, "
        "'active_customers' as base, 1000.0 as revenue_per_point, 100.0 as standard_error, "
        "'EUR' as currency",
    )
    for model in MODELS:
        bench.run(f"intermediate.{model}")
    return bench.run("marts.journey_impact")


def world_with(effect: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers and contacts of many clients; a fault lowers the expected answer by `effect`."""
    rng = np.random.default_rng(seed)
    n = CLIENTS * CUSTOMERS
    stratum = rng.choice(4, n, p=SHARES)
    has_fault = rng.random(n) < FAULTS[stratum]
    moved = np.where(has_fault, effect / 200, 0)
    draw = rng.random(n)
    y = np.where(draw < DETRACTORS[stratum] + moved, -100, 0)
    y = np.where(draw >= 1 - PROMOTERS[stratum] + moved, 100, y)
    days = rng.integers(0, 300, n) * 86_400 + rng.integers(0, 86_400, n)
    answered = pd.Timestamp("2024-06-01") + pd.to_timedelta(days, unit="s")
    answers = pd.DataFrame(
        {
            "response_id": [f"r{row}" for row in range(n)],
            "customer_id": [f"c{row}" for row in range(n)],
            "client_id": [f"client_{row // CUSTOMERS:03d}" for row in range(n)],
            "customer_type": np.array(["a", "b"])[stratum // 2],
            "tenure_band": np.array(["old", "new"])[stratum % 2],
            "revenue_band": "middle",
            "survey_kind": "relational",
            "score_scale": "nps_0_10",
            "responded_at": answered,
            "contribution": y,
        }
    )

    def contacts(rows: np.ndarray, before: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "customer_id": answers["customer_id"].to_numpy()[rows],
                "opened_at": answered[rows] - pd.to_timedelta(before, unit="s"),
            }
        )

    rows = np.flatnonzero(has_fault)
    unhappy = np.flatnonzero((y < 0) & ~has_fault)
    first = np.arange(0, n, CUSTOMERS)
    parts = [
        contacts(rows, rng.integers(1, 90 * 86_400 + 1, rows.size)),
        contacts(unhappy, np.zeros(unhappy.size, dtype=int)),
        contacts(unhappy, -rng.integers(1, 40 * 86_400, unhappy.size)),
        contacts(unhappy, 90 * 86_400 + rng.integers(1, 9 * 86_400, unhappy.size)),
        # So that every client's contacts are known for long enough.
        pd.DataFrame(
            {
                "customer_id": answers["customer_id"].to_numpy()[first],
                "opened_at": pd.Timestamp("2024-01-01"),
            }
        ),
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(
        interaction_id=[f"x{row}" for row in range(len(table))],
        journey_stage="fault",
        is_complaint=False,
        is_fault=True,
        resolved_at=table["opened_at"] + pd.Timedelta(hours=1),
    )
    return answers, table


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The compiled models, on relations in memory."""
    return Bench(worlds.credit(tmp_path_factory))


def several(bench: Bench, effect: float, seeds: tuple[int, ...]) -> pd.DataFrame:
    """journey_impact of one world after another."""
    return pd.concat([run(bench, *world_with(effect, seed)).assign(seed=seed) for seed in seeds])


@pytest.fixture(scope="module")
def planted(bench: Bench) -> pd.DataFrame:
    """A fault lowers the answer by EFFECT points in every stratum."""
    return several(bench, EFFECT, (20, 21, 22))


@pytest.fixture(scope="module")
def nothing(bench: Bench) -> pd.DataFrame:
    """A fault changes nothing; unhappy strata have more of them all the same."""
    return several(bench, 0.0, (120, 121, 122))


def faults(mart: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The rows of faults at any stage."""
    chosen = mart[
        (mart["segment_dimension"] == dimension)
        & (mart["journey_stage"] == "all")
        & (mart["exposure"] == "fault")
    ]
    return chosen.reset_index(drop=True)


def test_intervals_hold_the_planted_points_nineteen_times_in_twenty(planted: pd.DataFrame) -> None:
    found = faults(planted, "client_id")
    assert len(found) == 3 * CLIENTS
    assert found["is_reportable"].all()
    inside = (found["lower"] < -EFFECT) & (found["upper"] > -EFFECT)
    assert 0.92 <= inside.mean() <= 0.98, inside.mean()
    error = found["difference"] + EFFECT
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(len(found))
    lost = float((SHARES * FAULTS).sum()) * EFFECT
    inside = (found["points_lost_lower"] < lost) & (lost < found["points_lost_upper"])
    assert 0.92 <= inside.mean() <= 0.98, inside.mean()


def test_all_clients_together_tell_the_truth_and_the_raw_difference_does_not(
    planted: pd.DataFrame,
) -> None:
    found = faults(planted, "all")
    assert len(found) == 3
    assert (abs(found["difference"] + EFFECT) < 3 * found["standard_error"]).all()
    assert (found["upper"] - found["lower"] < 4).all()
    assert (found["unadjusted_difference"] < found["lower"] - 10).all()
    share = float((SHARES * FAULTS).sum())
    assert (abs(found["exposed_share"] - share) < 0.01).all()
    assert (found["points_lost_lower"] < share * EFFECT + 1).all()
    assert (found["points_lost_upper"] > share * EFFECT - 1).all()
    assert np.allclose(found["revenue_lost"], 1000 * found["points_lost"])


def test_nothing_is_found_where_nothing_is_planted(nothing: pd.DataFrame) -> None:
    found = faults(nothing, "client_id")
    assert (found["p_value"] < 0.05).mean() <= 0.08
    assert found["is_significant"].sum() <= 1
    whole = faults(nothing, "all")
    assert (abs(whole["difference"]) < 3 * whole["standard_error"]).all()
    assert (whole["unadjusted_difference"] < -10).all(), "without strata: the trap"


def test_what_cannot_be_compared_is_counted_and_not_estimated(bench: Bench) -> None:
    answers, contacts = world_with(EFFECT, 13)
    alike = answers["client_id"] == "client_001"
    alone = answers["client_id"] == "client_002"
    few = answers[(answers["client_id"] == "client_000") | alike | alone].copy()
    few.loc[alike, "contribution"] = 100
    few.loc[alone, "tenure_band"] = few.loc[alone, "customer_id"]
    kept = contacts[contacts["customer_id"].isin(few["customer_id"])]
    mart = faults(run(bench, few, kept), "client_id").set_index("segment_value")
    assert list(mart["is_reportable"]) == [True, False, False]
    assert (mart["exposed_customers"] > 30).all()
    assert mart["difference"].notna().tolist() == [True, False, False]
    assert mart.loc["client_002", "supported_share"] == 0
    nobody = run(bench, few.head(1), kept.head(0))
    assert nobody.empty
    one = few.head(1)
    lone = kept[kept["customer_id"] == one["customer_id"].iloc[0]]
    assert not run(bench, one, lone)["is_reportable"].any()
