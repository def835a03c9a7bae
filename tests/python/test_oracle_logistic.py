"""Logistic regression in SQL against statsmodels and scikit-learn, and where it says nothing."""

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

from worlds import expression

FEATURES = ["a", "b", "c", "d"]


def fitted(frame: pd.DataFrame, ridge: float, steps: int = 7) -> pd.DataFrame:
    """The regressions of a frame with the columns key, outcome and the features."""
    call = f"'cases', 'key', 'outcome', {FEATURES}, {ridge}, {steps}"
    source = f"{{{{ logistic_regression({call}) }}}}"
    with duckdb.connect() as connection:
        connection.register("cases", frame.astype({"outcome": float}))
        return connection.execute(expression(source)).df().set_index("group_key")


def drawn(key: str, size: int, seed: int, rate: float = -2.0) -> pd.DataFrame:
    """Cases whose log odds are linear in four features, two of them nearly the same."""
    rng = np.random.default_rng(seed)
    a = rng.normal(5, 3, size)
    frame = pd.DataFrame(
        {"key": key, "a": a, "b": a * 2 + rng.normal(0, 0.2, size), "c": rng.exponential(1, size)}
    )
    frame["d"] = rng.integers(0, 2, size).astype(float)
    odds = rate + 0.3 * (a - 5) - 0.7 * frame["c"] + frame["d"]
    return frame.assign(outcome=rng.random(size) < 1 / (1 + np.exp(-odds)))


def standardised(frame: pd.DataFrame) -> pd.DataFrame:
    """Features in standard deviations from their means."""
    return (frame[FEATURES] - frame[FEATURES].mean()) / frame[FEATURES].std(ddof=0)


def slopes(row: Any) -> np.ndarray[Any, Any]:
    """The coefficients of a regression, the intercept first."""
    return np.array([row[f"slope_{number}"] for number in range(len(FEATURES) + 1)])


def test_without_a_penalty_it_is_that_of_statsmodels() -> None:
    groups = [drawn("one", 4_000, 1), drawn("two", 900, 2, rate=-3.0)]
    found = fitted(pd.concat(groups), ridge=0.0)
    for frame in groups:
        row = found.loc[frame["key"].iloc[0]]
        model = sm.Logit(frame["outcome"].astype(float), sm.add_constant(standardised(frame)))
        fit = model.fit(disp=0, tol=1e-12)
        np.testing.assert_allclose(slopes(row), fit.params, atol=1e-6)
        errors = [row[f"error_{number}"] for number in range(len(FEATURES) + 1)]
        np.testing.assert_allclose(errors, fit.bse, atol=1e-6)
        covariances = [row[f"covariance_{number}"] for number in range(1, len(FEATURES) + 1)]
        np.testing.assert_allclose(covariances, fit.cov_params().iloc[0, 1:], atol=1e-6)
        assert (row["cases"], row["events"]) == (len(frame), frame["outcome"].sum())


def test_with_a_penalty_it_is_that_of_scikit_learn() -> None:
    frame = drawn("one", 2_000, 3)
    (row,) = (fitted(frame, ridge=7.5).loc["one"],)
    model = LogisticRegression(C=1 / 7.5, tol=1e-12, max_iter=10_000)
    model.fit(standardised(frame), frame["outcome"])
    np.testing.assert_allclose(slopes(row), [*model.intercept_, *model.coef_[0]], atol=1e-6)


def test_what_is_the_same_for_all_or_a_combination_is_left_out_by_name() -> None:
    frame = drawn("one", 1_000, 4)
    frame = frame.assign(b=3.25, d=2 * frame["a"] - frame["c"])
    row = fitted(frame, ridge=1.0).loc["one"]
    assert [row[f"is_constant_{number}"] for number in range(1, 5)] == [False, True, False, False]
    assert [row[f"is_combined_{number}"] for number in range(1, 5)] == [False, False, False, True]
    assert row["slope_2"] == row["slope_4"] == 0
    assert np.isnan(row["error_2"])
    assert np.isnan(row["error_4"])
    model = LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000)
    model.fit(standardised(frame)[["a", "c"]], frame["outcome"])
    np.testing.assert_allclose([row["slope_1"], row["slope_3"]], model.coef_[0], atol=1e-6)


def test_a_feature_that_parts_who_left_from_who_stayed_stays_finite() -> None:
    frame = drawn("one", 1_000, 5)
    frame = frame.assign(outcome=frame["a"] > 6)
    early = fitted(frame, ridge=1.0).loc["one"]
    assert np.abs(slopes(early)).max() < 30
    assert early["largest_step"] > 1e-6  # and says that it is not there yet
    row = fitted(frame, ridge=1.0, steps=14).loc["one"]
    assert row["largest_step"] < 1e-6
    model = LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000)
    model.fit(standardised(frame), frame["outcome"])
    np.testing.assert_allclose(slopes(row)[1:], model.coef_[0], atol=1e-6)


def test_where_nobody_or_everybody_left_there_is_no_regression() -> None:
    frames = [
        drawn("none", 200, 6).assign(outcome=False),
        drawn("all", 200, 7).assign(outcome=True),
    ]
    assert fitted(pd.concat([*frames, drawn("some", 200, 8)]), ridge=1.0).index.tolist() == ["some"]


def test_three_cases_give_numbers() -> None:
    frame = drawn("few", 3, 9).assign(outcome=[True, False, False])
    assert np.isfinite(slopes(fitted(frame, ridge=1.0).loc["few"])).all()
