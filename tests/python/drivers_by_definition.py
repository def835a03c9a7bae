"""Drivers of a score worked out the long way round: what the SQL is compared with.

Which drivers a segment is explained by, ordinary least squares with clustered errors by
statsmodels, and Shapley's shares by trying every subset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd
import statsmodels.api as sm

Array = npt.NDArray[np.float64]

MOST = 10
LEAST_ANSWERS = 30
LEAST_SHARE = 0.5
LEAST_CUSTOMERS_PER_DRIVER = 10


@dataclass
class Regression:
    """One segment: drivers in the order in which they come in; the intercept is `slopes[0]`."""

    drivers: list[str]
    reasons: dict[str, str]
    responses: int
    customers: int
    nps: float
    r_squared: float
    means: Array
    slopes: Array
    errors: Array
    p_values: Array
    importance: Array
    gap_errors: Array
    below: Array
    step_errors: Array
    part_errors: Array


def choose(
    ratings: pd.DataFrame, order: Sequence[str], overall: set[str]
) -> tuple[list[str], dict[str, str]]:
    """Drivers (columns of `ratings`, one row an answer, NaN where not rated); why others are out.

    `order` is the order among drivers that are rated equally often.
    """
    reasons = {driver: "overall_verdict" for driver in ratings if driver in overall}
    asked = [driver for driver in ratings if driver not in overall]
    asked.sort(key=lambda driver: (-ratings[driver].count(), order.index(driver)))
    for driver in asked[MOST:]:
        reasons[driver] = "more_than_ten"
    varying = []
    for driver in asked[:MOST]:
        if ratings[driver].nunique() > 1:
            varying.append(driver)
        else:
            reasons[driver] = "constant"
    answers = ratings[asked[:MOST]].notna().any(axis=1).sum()
    chosen: list[str] = []
    for driver in varying:
        complete = ratings[[*chosen, driver]].notna().all(axis=1).sum()
        if len(chosen) < len(varying) and complete >= LEAST_SHARE * answers:
            chosen.append(driver)
        else:
            break
    for driver in varying[len(chosen) :]:
        reasons[driver] = "too_few_ratings"
    return chosen, reasons


def explained(x: Array, y: Array) -> float:
    """Sum of squares of y that x, centred, explains."""
    if x.shape[1] == 0:
        return 0.0
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(fitted @ fitted)


def shapley(x: Array, y: Array) -> Array:
    """Each column's share of R², over every subset of the others."""
    p = x.shape[1]
    x, y = x - x.mean(axis=0), y - y.mean()
    worth = {
        subset: explained(x[:, list(subset)], y)
        for size in range(p + 1)
        for subset in combinations(range(p), size)
    }
    shares = np.zeros(p)
    for j in range(p):
        for size in range(p):
            weight = factorial(size) * factorial(p - size - 1) / factorial(p)
            for subset in combinations([k for k in range(p) if k != j], size):
                joined = tuple(sorted((*subset, j)))
                shares[j] += weight * (worth[joined] - worth[subset])
    total = worth[tuple(range(p))]
    return shares / total if total > 1e-12 * (y @ y) else np.full(p, np.nan)


def regress(
    ratings: pd.DataFrame,
    y: pd.Series,
    cluster: pd.Series,
    order: Sequence[str],
    overall: set[str],
    top: float,
) -> Regression | None:
    """The regression of one segment, or None where there are too few answers to show one."""
    chosen, reasons = choose(ratings, order, overall)
    complete = ratings[chosen].notna().all(axis=1) if chosen else pd.Series(False, ratings.index)
    n, customers = int(complete.sum()), cluster[complete].nunique()
    if not chosen or min(n, customers) < LEAST_ANSWERS or y[complete].nunique() < 2:
        return None
    values = ratings.loc[complete, chosen].to_numpy(float)
    outcome = y[complete].to_numpy(float)
    kept: list[int] = []
    for column in range(len(chosen)):
        centred = values[:, [*kept, column]] - values[:, [*kept, column]].mean(axis=0)
        if np.linalg.matrix_rank(centred, tol=1e-6) == len(kept) + 1:
            kept.append(column)
        else:
            reasons[chosen[column]] = "rank_deficient"
    if min(n, customers) < LEAST_CUSTOMERS_PER_DRIVER * len(kept):
        return None
    x = values[:, kept]
    groups = pd.factorize(cluster[complete])[0]
    fit = sm.OLS(outcome, sm.add_constant(x, has_constant="add")).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    # The mean rating is estimated beside the slopes: stack both, by customer.
    design = sm.add_constant(x, has_constant="add")
    moves = (design * fit.resid[:, None]) @ np.linalg.inv(design.T @ design)
    below = (x < top).astype(float)
    stacked = np.hstack([moves, (x - x.mean(axis=0)) / n, (below - below.mean(axis=0)) / n])
    by_customer = pd.DataFrame(stacked).groupby(groups).sum().to_numpy()
    correction = customers / (customers - 1) * (n - 1) / (n - len(kept) - 1)
    slope_moves, mean_moves, share_moves = np.split(by_customer[:, 1:], 3, axis=1)
    means, slopes = x.mean(axis=0), fit.params
    step = below.mean(axis=0) * slope_moves + slopes[1:] * share_moves
    gap = (top - means) * slope_moves - slopes[1:] * mean_moves
    part = means * slope_moves + slopes[1:] * mean_moves
    return Regression(
        drivers=[chosen[column] for column in kept],
        reasons=reasons,
        responses=n,
        customers=customers,
        nps=float(outcome.mean()),
        r_squared=float(fit.rsquared),
        means=means,
        slopes=slopes,
        errors=fit.bse,
        p_values=fit.pvalues,
        importance=shapley(x, outcome),
        gap_errors=np.sqrt(correction * (gap**2).sum(axis=0)),
        below=below.mean(axis=0),
        step_errors=np.sqrt(correction * (step**2).sum(axis=0)),
        part_errors=np.sqrt(correction * (part**2).sum(axis=0)),
    )
