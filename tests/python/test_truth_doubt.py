"""What stands beside the value of a point tells where it deceives, and by how much."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import worlds
from doubts import CHANCE
from worlds import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Five clients, deceived in different ways."""
    return worlds.doubts(tmp_path_factory)


@pytest.fixture(scope="module")
def found(world: World) -> pd.DataFrame:
    """The published value of each client, adjusted or not."""
    return world.frame(
        "select * from marts.revenue_per_point where segment_dimension = 'client_id' "
        "and base = 'active_customers'"
    ).set_index(["segment_value", "adjustment"])


def of(found: pd.DataFrame, client: str, adjustment: str = "adjusted") -> "pd.Series[float]":
    """One row; the planted value in money beside it."""
    row = found.loc[(client, adjustment)]
    assert row["is_reportable"]
    return row


def holds(row: "pd.Series[float]", planted: float, column: str = "revenue_per_point") -> bool:
    """Whether an interval holds what was planted."""
    lower, upper = {
        "revenue_per_point": ("lower", "upper"),
        "within_customer_revenue_per_point": ("within_customer_lower", "within_customer_upper"),
    }.get(column, (f"{column}_lower", f"{column}_upper"))
    return bool(row[lower] < planted < row[upper])


def planted(world: World, row: "pd.Series[float]") -> float:
    """The planted slope in money."""
    return float(world.truth["slope"]) * float(row["monthly_baseline_revenue"])


def test_where_nothing_deceives_everything_agrees(world: World, found: pd.DataFrame) -> None:
    row = of(found, "honest")
    truth = planted(world, row)
    assert row["is_placebo_clean"]
    for column in (*("revenue_per_point", "without_top_ten", "within_customer_revenue_per_point"),):
        assert holds(row, truth, column), column
    assert row["within_customers"] == row["customers"] == 700
    assert row["projected_share"] == 0


def test_revenue_that_moved_first_raises_the_flag(world: World, found: pd.DataFrame) -> None:
    row = of(found, "reverse")
    assert row["lower"] > 0, "by itself the value looks sure"
    assert abs(row["placebo_z"]) > 1.96
    assert row["placebo_share"] > 0.5
    assert not row["is_placebo_clean"]
    others = found.xs("adjusted", level="adjustment").drop("reverse")
    assert others["is_placebo_clean"].all()


def test_what_confounds_is_in_the_raw_value_and_not_in_the_adjusted_one(
    world: World, found: pd.DataFrame
) -> None:
    raw, adjusted = of(found, "confounded", "unadjusted"), of(found, "confounded")
    truth = planted(world, adjusted)
    assert raw["lower"] > 1.3 * truth
    assert holds(adjusted, truth)
    without = world.frame(
        "select * from marts.revenue_per_point_sensitivity where segment_value = 'confounded'"
    ).set_index("left_out")
    assert without.loc["nothing", "revenue_per_point"] == adjusted["revenue_per_point"]
    moved = without["change"].drop("nothing").abs()
    assert moved.idxmax() == "customer_type"
    assert moved["customer_type"] > 5 * moved.drop("customer_type").max()
    assert without.loc["customer_type", "times_to_halve"] == pytest.approx(
        0.5 * adjusted["revenue_per_point"] / moved["customer_type"], rel=1e-6
    )


def test_chance_in_the_answers_shrinks_the_value_and_the_reliability_gives_it_back(
    world: World, found: pd.DataFrame
) -> None:
    row = of(found, "noisy")
    truth = planted(world, row)
    variance = 200.0**2 / 6  # of −100, 0 and 100 alike
    reliability = (1 - CHANCE) ** 2 * variance / variance
    assert row["upper"] < 0.6 * truth
    assert row["retest_pairs"] > 300
    assert row["reliability_lower"] < reliability < row["reliability_upper"]
    assert row["revenue_per_point"] == pytest.approx(reliability * truth, rel=0.35)
    assert holds(row, truth, "experience_shift_value")
    others = found.xs("adjusted", level="adjustment").drop("noisy")
    assert others["reliability"].isna().all(), "nobody was asked twice there"
    assert others["experience_shift_value"].isna().all()
    assert row["experience_shift_value"] == pytest.approx(
        row["revenue_per_point"] / row["reliability"], rel=1e-4
    )


def test_one_giant_customer_moves_the_value_and_not_the_one_without_the_ten_largest(
    world: World, found: pd.DataFrame
) -> None:
    row = of(found, "giant")
    truth = planted(world, row)
    assert not holds(row, truth) or row["standard_error"] > truth
    assert abs(row["revenue_per_point"] - truth) > 0.5 * truth
    assert holds(row, truth, "without_top_ten")
    width = row["without_top_ten_upper"] - row["without_top_ten_lower"]
    assert width < row["upper"] - row["lower"]
    for client in ("honest", "confounded"):
        other = of(found, client)
        shift = other["without_top_ten"] - other["revenue_per_point"]
        assert abs(shift) < 0.5 * other["standard_error"]


def test_the_wallet_part_is_what_is_known_of_the_wallet(found: pd.DataFrame) -> None:
    known, unknown = of(found, "honest"), of(found, "giant")
    assert known["wallet_component_is"] == "share_of_wallet"
    assert known["wallet_customers"] == 700
    assert known["share_of_wallet_before"] == pytest.approx(0.5, abs=1e-6)
    assert known["share_of_wallet_after"] == pytest.approx(0.625, abs=1e-6)
    assert unknown["wallet_component_is"] == "spend_per_retained_customer"
    assert pd.isna(unknown["share_of_wallet_after"])
    parts = found["churn_component"] + found["wallet_component"]
    assert (parts.round(2) == found["revenue_per_point"]).all()


def test_segments_and_everybody_differ_by_what_is_said(world: World) -> None:
    rows = world.rows(
        "select segment_dimension, revenue_per_point, sum_over_segments, "
        "sum_over_segments_less_all, base_in_segments, base, adjustment "
        "from marts.revenue_per_point"
    )
    whole = {(base, how): value for name, value, *_, base, how in rows if name == "all"}
    for name in {row[0] for row in rows}:
        for base, how in whole:
            mine = [row for row in rows if row[0] == name and row[5:] == (base, how)]
            total = sum(row[1] for row in mine if row[1] is not None)
            assert {row[2] for row in mine} == {total}
            assert {row[3] for row in mine} == {total - whole[base, how]}
            assert all(row[4] == pytest.approx(1) for row in mine)


def test_a_hidden_cause_so_strong_halves_a_slope() -> None:
    """The formula, by adding a cause of just that strength to a regression of statsmodels."""
    rng = np.random.default_rng(3)
    n = 400
    design = np.column_stack([np.ones(n), rng.standard_normal((n, 3))])
    answers = design @ rng.standard_normal(4) + rng.standard_normal(n)
    revenue = design @ rng.standard_normal(4) + 0.3 * answers + rng.standard_normal(n)
    fit = sm.OLS(revenue, np.column_stack([answers, design])).fit()
    f = 0.5 * abs(fit.tvalues[0]) / np.sqrt(fit.df_resid)
    strength = 0.5 * (np.sqrt(f**4 + 4 * f**2) - f**2)

    def unit(values: np.ndarray, *given: np.ndarray) -> np.ndarray:
        """What of the values is not explained by others, at length 1."""
        left = sm.OLS(values, np.column_stack(given)).fit().resid
        return np.asarray(left / np.linalg.norm(left))

    x = unit(answers, design)
    e = unit(revenue, answers, design)
    other = unit(rng.standard_normal(n), answers, revenue, design)
    within = np.sqrt(strength * (1 - strength))
    hidden = np.sqrt(strength) * x + within * e + np.sqrt((1 - strength) ** 2) * other
    with_it = sm.OLS(revenue, np.column_stack([answers, hidden, design])).fit()
    assert with_it.params[0] == pytest.approx(0.5 * fit.params[0], rel=1e-6)


def test_the_published_strength_is_that_of_the_formula(world: World) -> None:
    inner = world.frame(
        "select * from intermediate.int_point_estimates where segment_dimension = 'client_id' "
        "and adjustment = 'adjusted'"
    ).set_index("segment_value")
    published = world.frame(
        "select * from marts.revenue_per_point_sensitivity where left_out = 'nothing' "
        "and segment_dimension = 'client_id'"
    ).set_index("segment_value")["hidden_cause_to_halve"]
    df = inner["customers"] - inner["strata"] - 1
    f = 0.5 * (inner["total"] / inner["total_standard_error"]).abs() / np.sqrt(df)
    expected = 0.5 * (np.sqrt(f**4 + 4 * f**2) - f**2)
    np.testing.assert_allclose(published[expected.index], expected, rtol=1e-9)
