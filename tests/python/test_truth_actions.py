"""Campaigns give back the effect that was planted in them, and none where none was."""

from typing import Any

import pandas as pd
import pytest

import worlds
from worlds import World

ALL = "segment_dimension = 'all' and target_category = 'all'"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Some two hundred and fifty campaigns."""
    return worlds.campaigns(tmp_path_factory)


@pytest.fixture(scope="module")
def effects(world: World) -> pd.DataFrame:
    """Every campaign as a whole, with its truth."""
    found = world.frame(f"select * from marts.retention_action_effects where {ALL}")
    found = found.set_index("campaign_id")
    money = found.columns[found.columns.str.contains("revenue_kept|net_value|cost")]
    found[money] = found[money].astype(float)
    truth = pd.DataFrame(world.truth).T
    found["truth"] = truth["relative_reduction"]
    found["true_revenue"] = truth["revenue_per_treated"] * found["treated"]
    return found


def some(effects: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The campaigns of one kind."""
    return effects[effects.index.str.startswith(kind)]


@pytest.mark.parametrize("kind", ["planted", "null", "chosen"])
def test_intervals_hold_the_truth_nineteen_times_in_twenty(
    effects: pd.DataFrame, kind: str
) -> None:
    found = some(effects, kind)
    assert len(found) >= 40
    assert found["is_reportable"].all()
    lower, upper = found["relative_reduction_lower"], found["relative_reduction_upper"]
    assert ((lower < found["truth"]) & (found["truth"] < upper)).mean() >= 0.92
    lower, upper = found["revenue_kept_lower"], found["revenue_kept_upper"]
    assert ((lower < found["true_revenue"]) & (found["true_revenue"] < upper)).mean() >= 0.92


@pytest.mark.parametrize("kind", ["planted", "null", "chosen"])
def test_there_is_no_bias(effects: pd.DataFrame, kind: str) -> None:
    found = some(effects, kind)
    ratio = found["churn_treated"].mean() / found["churn_control"].mean()
    error = found["risk_difference"].std() / len(found) ** 0.5 / found["churn_control"].mean()
    assert abs(1 - ratio - found["truth"].iloc[0]) < 3 * error
    miss = found["revenue_kept"] - found["true_revenue"]
    assert abs(miss.mean()) < 3 * miss.std() / len(found) ** 0.5


def test_a_null_campaign_is_not_significant_nineteen_times_in_twenty(
    effects: pd.DataFrame,
) -> None:
    found = some(effects, "null")
    assert (found["p_value"] < 0.05).mean() <= 0.10
    assert (found["p_value"] < 0.5).mean() == pytest.approx(0.5, abs=0.17)
    excludes = (found["risk_difference_lower"] > 0) | (found["risk_difference_upper"] < 0)
    assert excludes.mean() <= 0.10
    money = (found["revenue_kept_lower"] > 0) | (found["revenue_kept_upper"] < 0)
    assert money.mean() <= 0.10


def test_censored_campaigns_are_not_off(effects: pd.DataFrame) -> None:
    found = some(effects, "late")
    assert (found["events_treated"] / found["treated"] < found["churn_treated"]).all()
    assert found["relative_reduction"].mean() == pytest.approx(0.35, abs=0.15)
    assert found["revenue_months"].between(1, 6).all()


def test_a_confounded_campaign_is_wrong_raw_and_right_adjusted(effects: pd.DataFrame) -> None:
    row: Any = effects.loc["confounded"]
    assert row["evidence"] == "adjusted"
    assert row["relative_reduction_unadjusted"] > 0.2, "the trap: better customers are treated"
    assert row["relative_reduction_lower"] < 0 < row["relative_reduction_upper"]
    assert row["relative_reduction_upper"] < row["relative_reduction_unadjusted"]
    assert row["p_value"] > 0.05
    assert row["revenue_kept_lower"] < 0 < row["revenue_kept_upper"]
    assert row["standardised_share"] > 0.95
    assert row["largest_standardised_difference"] < 0.1


def test_its_balance_table_shows_what_was_wrong_and_that_it_is_mended(world: World) -> None:
    found = world.frame(
        f"select * from marts.retention_action_balance where {ALL} and campaign_id = 'confounded'"
    ).set_index(["covariate", "level"])
    raw, adjusted = found["standardised_difference"], found["standardised_difference_adjusted"]
    assert raw["revenue_band", "high"] > 0.4
    assert raw["monthly_baseline_revenue", "mean"] > 0.3
    assert adjusted.abs().max() < 0.1
    shares = found[found.index.get_level_values("level") != "mean"].groupby("covariate")
    for column in ("mean_treated", "mean_control", "mean_treated_adjusted"):
        assert shares[column].sum().tolist() == pytest.approx([1.0] * len(shares))


def test_a_harmful_campaign_is_reported_as_harmful(effects: pd.DataFrame) -> None:
    row: Any = effects.loc["harmful"]
    assert row["evidence"] == "randomised"
    assert row["relative_reduction_lower"] < -0.5 < row["relative_reduction_upper"] < 0
    assert row["risk_difference_lower"] > 0
    assert row["revenue_kept_upper"] < 0
    assert row["net_value_upper"] < 0
    assert row["return_on_cost"] < -1
    assert row["complier_effect_lower"] > row["risk_difference_lower"] > 0


def test_a_lot_that_broke_its_ratio_is_no_lot(effects: pd.DataFrame) -> None:
    row: Any = effects.loc["broken_lot"]
    assert row["sample_ratio_p_value"] < 1e-6
    assert row["evidence"] == "adjusted"
    assert effects.loc["two_to_one", "sample_ratio_p_value"] > 0.001
    assert effects.loc["two_to_one", "evidence"] == "randomised"
    assert (some(effects, "chosen")["evidence"] == "adjusted").all()


def test_without_a_control_there_is_no_comparison(effects: pd.DataFrame) -> None:
    row: Any = effects.loc["everybody"]
    assert row["evidence"] == "descriptive"
    assert 0 < row["churn_treated"] < 1
    assert row[["churn_control", "relative_reduction", "revenue_kept", "net_value"]].isna().all()


def test_an_arm_nobody_left_still_has_an_effect_with_an_interval(effects: pd.DataFrame) -> None:
    row: Any = effects.loc["saved_all"]
    assert row["churn_treated"] == 0
    assert 0.5 < row["relative_reduction_lower"] < row["relative_reduction"] < 1
    assert row["relative_reduction"] < row["relative_reduction_upper"] < 1
    assert row["risk_difference_upper"] < 0
    nobody: Any = effects.loc["nobody_leaves"]
    assert nobody["risk_difference"] == 0
    assert nobody["risk_difference_lower"] < 0 < nobody["risk_difference_upper"]
    assert nobody[["relative_reduction", "p_value"]].isna().all()


def test_few_customers_are_counted_and_not_judged(effects: pd.DataFrame) -> None:
    row: Any = effects.loc["tiny"]
    assert not row["is_reportable"]
    assert row["treated"] + row["control"] == 40
    assert row[["churn_treated", "relative_reduction", "p_value", "revenue_kept"]].isna().all()


def test_the_planted_reduction_of_the_carrier(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    carrier = worlds.carrier(tmp_path_factory)
    planted = carrier.truth["campaign"]
    row = carrier.one(f"select * from marts.retention_action_effects where {ALL}")
    assert row["evidence"] == "randomised"
    low, high = row["relative_reduction_lower"], row["relative_reduction_upper"]
    assert low < planted["relative_reduction"] == 0.35 < high
    assert row["churn_control"] == pytest.approx(planted["expected_churn_control"], abs=0.05)
    assert row["window_days"] == planted["window_days"]


def test_the_operators_calls_keep_nobody(tmp_path_factory: pytest.TempPathFactory) -> None:
    row = worlds.operator(tmp_path_factory).one(
        f"select * from marts.retention_action_effects where {ALL}"
    )
    assert row["evidence"] == "adjusted"
    assert row["relative_reduction_lower"] < 0 < row["relative_reduction_upper"]
