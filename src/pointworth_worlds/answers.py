"""What customers answer: categories by stratum and period, scores inside the category."""

from __future__ import annotations

from datetime import date

import numpy as np

from .clock import Bools, Clock, Floats, Ints, day_number
from .customers import Customers
from .worlds import WorldSpec

#: Half width of the passive band on the log-odds scale (about 29 % passives at NPS 0).
_HALF_WIDTH = 0.6
#: How the scores spread inside each category (0–6, 7–8, 9–10), the same in every stratum.
SCORE_WEIGHTS: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, (0.08, 0.05, 0.09, 0.13, 0.15, 0.24, 0.26)),
    (7, (0.45, 0.55)),
    (9, (0.5, 0.5)),
)


def category_probabilities(opinion: Floats) -> tuple[Floats, Floats]:
    """Probabilities of detractor and promoter for an opinion on the log-odds scale."""
    return 1 / (1 + np.exp(opinion + _HALF_WIDTH)), 1 / (1 + np.exp(_HALF_WIDTH - opinion))


def expected_nps(opinion: Floats) -> float:
    """Mean contribution (points) over answers with these opinions."""
    detractor, promoter = category_probabilities(opinion)
    return float(100.0 * np.mean(promoter - detractor))


def shift_to(opinion: Floats, target: float) -> float:
    """The shift that makes the expected NPS of these opinions the target, by bisection."""
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2
        if expected_nps(opinion + middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def opinion_of(spec: WorldSpec, customers: Customers) -> Floats:
    """Opinion (log-odds) of each customer's stratum, before the period's shift."""
    spread = np.sin(1.0 + 2.3 * np.arange(spec.clients)) * spec.client_opinion_spread
    opinion: Floats = (
        np.array([t.opinion for t in spec.customer_types])[customers.customer_type]
        + np.array(spec.tenure.opinion)[customers.tenure_band]
        + np.array(spec.revenue_band.opinion)[customers.revenue_band]
        + spread[customers.client]
    )
    return opinion


def quarter_of(spec: WorldSpec, clock: Clock, month: Ints) -> Ints:
    """Calendar quarters as year × 4 + quarter, of months counted from the start."""
    index = clock.start.year * 12 + clock.start.month - 1 + month
    return index // 3


def target_nps(spec: WorldSpec, clock: Clock, quarter: int) -> float:
    """The planted NPS of a quarter."""
    target = spec.nps
    first_day = day_number(_quarter_start(quarter))
    for begin, nps in spec.nps_path:
        if first_day >= day_number(begin):
            target = nps
    return target


def _quarter_start(quarter: int) -> date:
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)


def draw_categories(
    spec: WorldSpec,
    clock: Clock,
    opinion: Floats,
    stratum: Ints,
    month: Ints,
    quantile: Floats,
    rng: np.random.Generator,
) -> Ints:
    """Category 0, 1, 2 (detractor, passive, promoter) of each answer.

    Arrays have one entry per answer; ``quantile`` is uniform on (0, 1), low = dissatisfied. The
    opinions are shifted so that the expected NPS is the planted one: per quarter where a path is
    planted, over all answers otherwise. With ``balanced_answers`` the quantiles are spread evenly
    within quarter × stratum (ranks with a jitter: each is still exactly uniform), so that neither
    chance nor who is left to answer moves a quarter's NPS.
    """
    shifted = opinion.copy()
    quarter = quarter_of(spec, clock, month)
    if spec.nps_path:
        for value in np.unique(quarter):
            rows = quarter == value
            shifted[rows] += shift_to(opinion[rows], target_nps(spec, clock, int(value)))
    elif opinion.size:
        shifted += shift_to(opinion, spec.nps)
    if spec.balanced_answers:
        quantile = _spread_evenly(
            quarter * (int(stratum.max(initial=0)) + 1) + stratum, quantile, rng
        )
    detractor, promoter = category_probabilities(shifted)
    return (quantile >= detractor).astype(np.int64) + (quantile >= 1 - promoter)


def _spread_evenly(cell: Ints, quantile: Floats, rng: np.random.Generator) -> Floats:
    order = np.lexsort((quantile, cell))
    sorted_cell = cell[order]
    first = np.searchsorted(sorted_cell, sorted_cell, side="left")
    count = np.searchsorted(sorted_cell, sorted_cell, side="right") - first
    spread = np.empty_like(quantile)
    spread[order] = (np.arange(cell.size) - first + rng.random(cell.size)) / count
    return spread


def draw_scores(category: Ints, rng: np.random.Generator) -> Ints:
    """A score 0–10 inside each category."""
    draws = rng.random(category.size)
    score = np.zeros(category.size, dtype=np.int64)
    for code, (lowest, weights) in enumerate(SCORE_WEIGHTS):
        rows = category == code
        edges = np.cumsum(weights)[:-1] / np.sum(weights)
        score[rows] = lowest + np.searchsorted(edges, draws[rows], side="right")
    return score


def lasting_quantiles(spec: WorldSpec, size: int, persons: int, rng: np.random.Generator) -> Floats:
    """Uniform quantiles that stay with a person, shape (customers, respondents); the persons of
    one customer correlate."""
    return _correlated(spec.respondent_correlation, size, persons, rng)


def later_quantiles(spec: WorldSpec, lasting: Floats, rng: np.random.Generator) -> Floats:
    """The quantiles of one later round: the lasting one with probability ``persistence``."""
    fresh = _correlated(spec.respondent_correlation, lasting.shape[0], lasting.shape[1], rng)
    return np.where(rng.random(lasting.shape) < spec.persistence, lasting, fresh)


def _correlated(correlation: float, size: int, persons: int, rng: np.random.Generator) -> Floats:
    if persons == 1:
        return rng.random((size, 1))
    common = rng.standard_normal((size, 1)) * np.sqrt(correlation)
    own = rng.standard_normal((size, persons)) * np.sqrt(1 - correlation)
    return _normal_cdf(common + own)


def _normal_cdf(value: Floats) -> Floats:
    """Abramowitz and Stegun 26.2.17 (absolute error below 1e-7)."""
    t = 1 / (1 + 0.2316419 * np.abs(value))
    poly = t * (
        0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    upper = np.exp(-(value**2) / 2) / np.sqrt(2 * np.pi) * poly
    cdf: Floats = np.where(value >= 0, 1 - upper, upper)
    return cdf


def mean_over_answered(value: Floats, answered: Bools) -> Floats:
    """Mean over the second axis where answered; shape (customers, respondents) → (customers,)."""
    count = np.maximum(answered.sum(axis=1), 1)
    mean: Floats = np.where(answered, value, 0.0).sum(axis=1) / count
    return mean
