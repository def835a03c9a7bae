"""The statistics macros, on grids, against scipy and statsmodels."""

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from worlds import expression


def evaluate(source: str, frame: pd.DataFrame, **variables: Any) -> np.ndarray[Any, Any]:
    """A macro call on the columns of a frame, in the order of its rows."""
    sql = expression(source, **variables)
    with duckdb.connect() as connection:
        connection.register("given", frame.assign(row=np.arange(len(frame))))
        rows = connection.execute(f"select {sql} from given order by row").fetchall()
    return np.array([np.nan if value is None else value for (value,) in rows], dtype=float)


def test_normal_p_values_to_fifteen_decimals_and_eight_digits_in_the_far_tail() -> None:
    z = np.concatenate([np.linspace(0, 40, 8001), -np.linspace(0, 40, 801), [7.0710678118654]])
    found = evaluate("{{ two_sided_p('z') }}", pd.DataFrame({"z": z}))
    expected = 2 * stats.norm.sf(np.abs(z))
    assert np.abs(found - expected).max() < 1e-15
    body = np.abs(z) <= 37
    np.testing.assert_allclose(found[body], expected[body], rtol=1e-8)
    assert np.isnan(evaluate("{{ two_sided_p('z') }}", pd.DataFrame({"z": [None]}))).all()


def test_benjamini_hochberg_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(1)
    frames = []
    for family, size in enumerate([1, 2, 7, 40]):
        p = np.round(rng.uniform(0, 1, size) ** 2, 2)  # with ties
        frame = pd.DataFrame({"f": family, "segment_value": [f"s{i:02}" for i in range(size)]})
        frames.append(frame.assign(p=p, q=multipletests(p, method="fdr_bh")[1]))
        frames.append(pd.DataFrame({"f": [family], "segment_value": ["unknown"], "p": [np.nan]}))
    given = pd.concat(frames, ignore_index=True)
    step = expression("{{ benjamini_hochberg_step('p', ['f']) }}")
    final = expression("{{ benjamini_hochberg('p', ['f']) }}")
    with duckdb.connect() as connection:
        connection.register("raw", given)
        found = connection.execute(
            "with given as (select f, segment_value, q, case when not isnan(p) then p end as p "
            "from raw) "
            f"select q, {final} as found from (select *, {step} from given)"
        ).df()
    np.testing.assert_allclose(found["found"], found["q"], rtol=1e-14)
    assert found["found"].isna().sum() == 4


def test_wilson_bounds_are_those_of_statsmodels() -> None:
    grid = pd.DataFrame([(k, n) for n in (1, 2, 7, 30, 1_000) for k in {0, 1, n // 3, n}])
    grid.columns = pd.Index(["k", "n"])
    lower, upper = proportion_confint(grid["k"], grid["n"], method="wilson")
    found_lower = evaluate("{{ wilson_bound('k', 'n', '-') }}", grid)
    found_upper = evaluate("{{ wilson_bound('k', 'n', '+') }}", grid)
    np.testing.assert_allclose(found_lower, lower, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found_upper, upper, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(1.0, 1.0), (2.0, 2 + np.sqrt(2)), (3.9, 7.2632), (0.5, 2 + np.sqrt(2)), (0.0, np.nan)],
)
def test_e_value(ratio: float, expected: float) -> None:
    # 3.9 → 7.26 is the example of VanderWeele and Ding (2017).
    (found,) = evaluate("{{ e_value('ratio') }}", pd.DataFrame({"ratio": [ratio]}))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_nps_golden_figure() -> None:
    given = pd.DataFrame({"p": [50], "d": [20], "n": [100]})
    assert evaluate("{{ nps_points('p', 'd', 'n') }}", given)[0] == pytest.approx(30)
    mean = 100 * evaluate("{{ nps_adjusted_mean('p', 'd', 'n') }}", given)[0]
    error = 100 * np.sqrt(evaluate("{{ nps_adjusted_variance('p', 'd', 'n') }}", given)[0])
    assert round(mean - stats.norm.ppf(0.975) * error, 2) == 14.05
    assert round(mean + stats.norm.ppf(0.975) * error, 2) == 44.20


@pytest.mark.parametrize("observed", [1, 2, 3, 5, 20, 34, 35, 36])
def test_months_nobody_lived_are_held_at_the_last_three(observed: int) -> None:
    rng = np.random.default_rng(observed)
    slopes = rng.normal(size=observed)
    held = slopes[-3:].mean()
    full = np.concatenate([slopes, np.full(36 - observed, held)])
    discount = 1.08 ** (-np.arange(1, 37) / 12)
    grid = pd.DataFrame({"k": np.arange(0, 40), "observed": observed})
    variables = {"horizon_months": 36, "discount_rate": 0.08}
    plain = evaluate("{{ horizon_weight('k', 'observed') }}", grid, **variables)
    discounted = evaluate("{{ discounted_horizon_weight('k', 'observed') }}", grid, **variables)
    assert plain[1 : observed + 1] @ slopes == pytest.approx(full.sum(), rel=1e-12)
    assert discounted[1 : observed + 1] @ slopes == pytest.approx(full @ discount, rel=1e-12)
    assert plain[0] == 0
    assert not plain[observed + 1 :].any()
