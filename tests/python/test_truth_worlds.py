"""The simulated worlds give back what was planted in them: fixed seeds, one build per world."""

import numpy as np
import pytest

import worlds
from proofs import first_of
from worlds import World


@pytest.fixture(scope="module", params=first_of("carrier", "operator", "credit"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Each of the three worlds."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The business operator."""
    return worlds.operator(tmp_path_factory)


@pytest.fixture(scope="module")
def credit(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The provider for several clients."""
    return worlds.credit(tmp_path_factory)


def headline(world: World, base: str = "active_customers") -> dict[str, float]:
    """The adjusted value of a point of everybody."""
    return world.one(
        "select * from marts.revenue_per_point "
        "where segment_dimension = 'all' and adjustment = 'adjusted' and base = ?",
        base,
    )


def test_value_of_a_point_and_its_parts(world: World) -> None:
    found, planted = headline(world), world.truth["revenue_per_point"]
    assert found["customers"] == planted["customers"]
    assert found["observed_months"] == planted["observed_months"]
    assert found["lower"] < planted["value"] < found["upper"]
    assert (
        found["churn_component_lower"] < planted["churn_component"] < found["churn_component_upper"]
    )
    assert (
        found["wallet_component_lower"]
        < planted["wallet_component"]
        < found["wallet_component_upper"]
    )
    base = float(found["monthly_baseline_revenue"])
    assert base == pytest.approx(planted["monthly_baseline_revenue"], rel=1e-4)
    respondents = float(headline(world, "respondents")["monthly_baseline_revenue"])
    assert respondents == pytest.approx(planted["monthly_baseline_revenue_respondents"], rel=1e-4)
    assert found["is_placebo_clean"]


def test_without_strata_the_value_is_off(operator: World) -> None:
    planted = operator.truth["revenue_per_point"]
    assert planted["unadjusted_slope_total"] > 1.05 * planted["slope_total"]
    raw = operator.one(
        "select lower, upper, monthly_baseline_revenue as base from marts.revenue_per_point "
        "where segment_dimension = 'all' and adjustment = 'unadjusted' "
        "and base = 'active_customers'"
    )
    assert raw["lower"] < planted["unadjusted_slope_total"] * float(raw["base"]) < raw["upper"]


# In credit_services an answer after a contact may come first; the planted risks are of relational
# answers.
@pytest.mark.parametrize("world", first_of("carrier", "operator"), indirect=True)
def test_risk_of_leaving_after_a_score(world: World) -> None:
    planted = world.truth["churn_after_score"]
    found = world.frame(
        "select * from marts.churn_after_score where gap_days = 0 and window_days = 120 "
        "and adjustment = 'unadjusted' and score_group_kind = 'category'"
    ).set_index("score_group")
    for category, risk in planted["risk"].items():
        assert found.loc[category, "customers"] == planted["at_risk"][category]
        assert found.loc[category, "lower"] < risk < found.loc[category, "upper"]
    ratio = planted["risk_ratio_detractor_promoter"]
    low, high = found.loc["detractor", ["risk_ratio_lower", "risk_ratio_upper"]]
    assert 1 < low < ratio < high


def test_rise_of_ten_points(operator: World) -> None:
    planted = operator.truth["nps_rise"]
    found = operator.frame(
        "select period_start, nps, standard_error, lower, upper from marts.nps_by_segment "
        "where period_grain = 'quarter' and segment_dimension = 'all' "
        "and survey_kind = 'relational' and score_scale = 'nps_0_10' "
        "and period_start in (date '2015-10-01', date '2016-04-01') order by period_start"
    )
    assert planted["points"] == 10
    rise = found["nps"].iloc[1] - found["nps"].iloc[0]
    error = float(np.hypot(*found["standard_error"]))
    assert abs(rise - planted["points"]) < 1.96 * error
    for row, nps in zip(found.itertuples(), (planted["from"], planted["to"]), strict=True):
        assert row.lower < nps < row.upper


def test_rise_is_worth_more_than_eighty_million(operator: World) -> None:
    ten = operator.one(
        "select revenue, lower, upper from marts.revenue_scenarios "
        "where segment_dimension = 'all' and scenario = '+10'"
    )
    assert ten["lower"] < 86_000_000 < ten["upper"]
    assert ten["upper"] > 80_000_000


def test_scores_after_contacts_by_service_and_type(credit: World) -> None:
    planted = credit.truth["nps"]
    assert {"service_line × customer_type", "client_id", "channel"} <= set(planted["segments"])
    found = credit.frame(
        "select * from marts.nps_by_segment where period_grain = 'all_time' "
        "and survey_kind = 'transactional' and score_scale = 'nps_0_10'"
    ).set_index(["segment_dimension", "segment_value"])
    inside = []
    for dimension, values in planted["segments"].items():
        for value, expected in values.items():
            row = found.loc[(dimension, value)]
            assert row["responses"] == expected["responses"]
            inside.append(row["lower"] < expected["nps"] < row["upper"])
            # Far outside of an interval is never chance.
            assert abs(row["nps"] - expected["nps"]) < 4 * row["standard_error"]
    assert np.mean(inside) >= 0.85
    assert len(inside) >= 25


def test_each_client_by_itself(credit: World) -> None:
    found = credit.frame(
        "select * from marts.revenue_per_point where segment_dimension = 'client_id' "
        "and adjustment = 'adjusted' and base = 'active_customers'"
    ).set_index("segment_value")
    planted = credit.truth["clients"]
    assert set(found.index) == set(planted)
    inside = [
        found.loc[client, "lower"] < values["value"] < found.loc[client, "upper"]
        for client, values in planted.items()
    ]
    assert sum(inside) >= len(inside) - 1


def test_the_planted_rise_stands_in_the_bridge(operator: World) -> None:
    """Of the ten points from one spring to the next, all lie within customer types, and most with
    people who answered both times; those who left had scored low."""
    bridge = operator.frame(
        "select * from marts.nps_change_bridge where segment_dimension = 'all' "
        "and period_start = '2016-04-01' and previous_start = '2015-04-01'"
    )
    types = bridge[
        (bridge["part_dimension"] == "customer_type") & (bridge["part_value"] != "(none)")
    ]
    within = types[types["effect"] == "within"]
    error = (within["standard_error"] ** 2).sum() ** 0.5
    assert abs(within["points"].sum() - 10) < 1.96 * error
    assert within["points"].sum() > 1.96 * error
    assert types[types["effect"] == "mix"]["points"].abs().max() < 1
    people = bridge[bridge["part_dimension"] == "people"].set_index("part_value")
    assert people.loc["stayers", "lower"] > 0
    assert people.loc["leavers", "lower"] > 0
    assert people.loc["leavers", "part_nps_before"] < people.loc["stayers", "part_nps_before"]


def test_before_and_after_the_rise_the_bridge_carries_nothing(operator: World) -> None:
    """The score stands still from 2017 to 2018: no part's interval is far from 0."""
    found = operator.frame(
        "select * from marts.nps_change_bridge where segment_dimension = 'all' "
        "and effect = 'within' and period_grain = 'year' and period_start = '2018-01-01' "
        "and standard_error > 0"
    )
    z = (found["points"] / found["standard_error"]).abs()
    assert len(found) > 10
    assert (z > 1.96).mean() < 0.15


def test_the_target_is_out_of_reach_and_said_to_be(operator: World) -> None:
    last = operator.one(
        "select * from marts.nps_target_tracking where segment_dimension = 'all' "
        "and period_grain = 'quarter' and period_start = '2018-10-01'"
    )
    assert last["target"] == 60
    assert last["quarters_to_target"] == 4
    assert last["on_track"] is False
    assert last["recent_pace_lower"] < 0 < last["recent_pace_upper"]
