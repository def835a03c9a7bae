"""What the data were made from: the method of ``revenue_per_point`` on expected outcomes.

Every customer's expected survival and revenue are known from the hazards and the growth, without
noise; the slopes of the method on these are what an unbiased estimate returns on average, given
who answered what (the design). Nothing is estimated from the simulated data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .churn import Exposure, expected_alive
from .clock import Clock, Floats, Ints
from .customers import Customers
from .worlds import WorldSpec

HORIZON = 36
MINIMUM_CUSTOMERS = 30
_HELD = 3


@dataclass
class Growth:
    """Spend after the answer relative to before: 1 + drift × k / 12 + gain × min(k, 24) / 24, at
    least 0.3; ``drift`` and ``gain`` (already times x / 100) by exposed customer."""

    drift: Floats
    gain: Floats

    def at(self, k: Ints | int) -> Floats:
        months = np.maximum(np.asarray(k, dtype=np.float64), 0.0)
        level = 1.0 + self.drift * months / 12.0 + self.gain * np.minimum(months, 24.0) / 24.0
        value: Floats = np.maximum(0.3, level)
        return value


@dataclass
class Slopes:
    """Slopes by group: the total over the horizon, its churn part, the slope without strata, and
    the last observed month. Per point of x, in months of baseline revenue."""

    total: Floats
    churn: Floats
    unadjusted: Floats
    observed_months: Ints
    customers: Ints


def calendar_factors(spec: WorldSpec, clock: Clock) -> Floats:
    """Recognised revenue of a month relative to the level, shape (1 + currencies, months).

    Row 0: billed by the quarter, so by the days of the month; row 1 + c: currency c at its yearly
    rate relative to the first rate.
    """
    days = np.diff(clock.starts)[: clock.months]
    rows = [days * 12 / 365.25]
    for code in range(len(spec.currencies)):
        rows.append(np.array([exchange_rate(spec, clock, code, m) for m in range(clock.months)]))
        rows[-1] = rows[-1] / spec.currencies[code][2]
    return np.array(rows)


def exchange_rate(spec: WorldSpec, clock: Clock, currency: int, month: int) -> float:
    """Units of reporting currency for one unit; changes a little every January."""
    name, _, rate = spec.currencies[currency]
    if currency == 0:
        return rate
    year = clock.index_year(month)
    return round(rate * (1 + 0.015 * float(np.sin(2.0 * year + 3.0 * len(name) + currency))), 4)


def expected_slopes(
    spec: WorldSpec,
    clock: Clock,
    customers: Customers,
    exposure: Exposure,
    growth: Growth,
    group: Ints,
    groups: int,
) -> Slopes:
    """The slopes of the method on expected outcomes, within strata, for ``groups`` groups.

    ``group`` has one entry per exposed customer; strata never cross groups. Month k rests on the
    customers whose month k lies in the data; beyond the last month with 30 of them the slope is
    held at the mean of the last three.
    """
    row = exposure.row
    factors = calendar_factors(spec, clock)
    kind = np.where(customers.quarterly[row], 0, 1 + customers.currency[row])
    before = np.clip(exposure.month[:, None] - np.array([1, 2, 3]), 0, None)
    baseline = customers.revenue[row] * factors[kind[:, None], before].mean(axis=1)
    _, stratum = np.unique(customers.stratum()[row], return_inverse=True)
    strata = int(stratum.max(initial=-1)) + 1
    stratum_group = np.zeros(strata, dtype=np.int64)
    stratum_group[stratum] = group

    total, churn, unadjusted = (np.zeros((HORIZON, groups)) for _ in range(3))
    count = np.zeros((HORIZON, groups), dtype=np.int64)
    for k, alive in expected_alive(spec, clock, exposure, HORIZON):
        month = exposure.month + k
        seen = month < clock.months
        here = np.minimum(month, clock.months - 1)
        # a quarter's bill is fixed when it is sent
        priced = np.where(customers.quarterly[row], k - month % 3, k)
        revenue = alive * customers.revenue[row] * growth.at(priced) * factors[kind, here]
        w, x = baseline[seen], exposure.x[seen]
        y, wa = revenue[seen], (baseline * alive)[seen]
        cells, owner = stratum[seen], group[seen]

        sums = partial(_sums, cells, strata)
        pooled = partial(_sums, owner, groups)
        by_group = partial(_sums, stratum_group, groups)
        sw, sx, sxx = sums(w), sums(w * x), sums(w * x * x)
        scale = np.maximum(sw, 1e-12)
        spread = by_group(sxx - sx**2 / scale)
        cross_y = by_group(sums(x * y) - sx * sums(y) / scale)
        cross_a = by_group(sums(x * wa) - sx * sums(wa) / scale)

        gw = np.maximum(pooled(w), 1e-12)
        raw_spread = pooled(w * x * x) - pooled(w * x) ** 2 / gw
        raw_cross = pooled(x * y) - pooled(w * x) * pooled(y) / gw
        count[k - 1] = np.bincount(owner, minlength=groups)
        per_survivor = pooled(y) / np.maximum(pooled(wa), 1e-12)
        total[k - 1] = cross_y / np.maximum(spread, 1e-12)
        churn[k - 1] = cross_a / np.maximum(spread, 1e-12) * per_survivor
        unadjusted[k - 1] = raw_cross / np.maximum(raw_spread, 1e-12)

    enough = count >= MINIMUM_CUSTOMERS
    observed = np.where(enough.any(axis=0), HORIZON - np.argmax(enough[::-1], axis=0), 0)
    return Slopes(
        _over_horizon(total, observed),
        _over_horizon(churn, observed),
        _over_horizon(unadjusted, observed),
        observed,
        np.bincount(group, minlength=groups),
    )


def _sums(by: Ints, cells: int, value: Floats) -> Floats:
    """Sums of ``value`` by cell; shape (cells,)."""
    total: Floats = np.bincount(by, value, minlength=cells).astype(np.float64)
    return total


def _over_horizon(slope: Floats, observed: Ints) -> Floats:
    """Sum over 36 months, those beyond the last observed held at the mean of the last three."""
    out = np.zeros(slope.shape[1])
    for column, last in enumerate(observed):
        if last == 0:
            out[column] = np.nan
            continue
        held = slope[max(0, last - _HELD) : last, column].mean()
        out[column] = slope[:last, column].sum() + (HORIZON - last) * held
    return out


def point_value(slopes: Slopes, at: int, revenue: float, respondents: float) -> dict[str, Any]:
    """The planted figures of one group, in reporting currency; None where nothing is observed."""

    def times(slope: float) -> float | None:
        return None if np.isnan(slope) else round(float(slope) * revenue, 2)

    total, churn = float(slopes.total[at]), float(slopes.churn[at])
    known = not np.isnan(total)
    return {
        "horizon_months": HORIZON,
        "observed_months": int(slopes.observed_months[at]),
        "customers": int(slopes.customers[at]),
        "value": times(total),
        "churn_component": times(churn),
        "wallet_component": times(total - churn),
        "slope_total": total if known else None,
        "churn_slope_total": churn if known else None,
        "unadjusted_slope_total": float(slopes.unadjusted[at]) if known else None,
        "monthly_baseline_revenue": round(revenue, 2),
        "monthly_baseline_revenue_respondents": round(respondents, 2),
    }
