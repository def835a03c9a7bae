"""Who the customers are, when they are asked, and who answers: everything before the first score.

All draws are vectorised over customers; arrays have one entry per customer unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .clock import Bools, Clock, Floats, Ints
from .worlds import WorldSpec

#: No first answer may fall in the last months, so that its first half year can be seen.
QUIET_MONTHS = 6
#: Never: a month or day after every other.
NEVER = 10**6


@dataclass
class Customers:
    """The drawn customers.

    Codes index the tuples of the specification (client: 0 … clients − 1). ``revenue`` is the
    monthly net revenue in reporting currency before any effect; ``acquired_day`` a day number;
    ``first_month`` the first billed month; ``invited_month`` the month of the first invitation
    (then yearly); ``invited`` and ``answered`` have shape (customers, respondents, rounds), as
    planned, whether or not the customer is still there; ``answer_day`` has shape (customers,
    rounds). ``index_month`` is the month of the first answer or −1; ``silent_churn_month`` the
    month of notice of those who never answer, or ``NEVER``.
    """

    client: Ints
    customer_type: Ints
    region: Ints
    industry: Ints
    plan: Ints
    currency: Ints
    source: Ints
    revenue: Floats
    acquired_day: Ints
    first_month: Ints
    in_window: Bools
    quarterly: Bools
    taxed: Bools
    migration_month: Ints
    noise_key: Ints
    invited_month: Ints
    invited: Bools
    answered: Bools
    answer_day: Ints
    index_round: Ints
    index_month: Ints
    silent_churn_month: Ints
    tenure_band: Ints
    revenue_band: Ints

    @property
    def size(self) -> int:
        return int(self.client.size)

    def stratum(self) -> Ints:
        """Client × type × tenure × revenue band as one code."""
        types = 8
        return ((self.client * types + self.customer_type) * 4 + self.tenure_band) * 3 + (
            self.revenue_band
        )


def _choice(rng: np.random.Generator, shares: list[float], size: int) -> Ints:
    edges = np.cumsum(np.asarray(shares) / np.sum(shares))[:-1]
    return np.searchsorted(edges, rng.random(size), side="right").astype(np.int64)


def draw_customers(spec: WorldSpec, clock: Clock, size: int, rng: np.random.Generator) -> Customers:
    """Draw ``size`` customers of a world.

    The revenue bands are terciles among the customers who answer, within client and type, so the
    strata of the planted effects are those of the method; nothing before the first answer depends
    on what will be answered.
    """
    months = clock.months
    types = spec.customer_types
    client = np.arange(size, dtype=np.int64) % spec.clients
    customer_type = _choice(rng, [t.share for t in types], size)
    median = np.array([t.monthly_revenue for t in types])[customer_type]
    sigma = np.array([t.sigma for t in types])[customer_type]
    revenue = median * np.exp(sigma * np.clip(rng.standard_normal(size), -3.0, 3.0))

    in_window = rng.random(size) < spec.acquired_in_window
    years_before = np.array([0.05, 2.0, 6.0, 14.0])
    era = _choice(rng, [0.3, 0.4, 0.3], size)
    age = years_before[era] + rng.random(size) * (years_before[era + 1] - years_before[era])
    first_month = np.where(in_window, rng.integers(0, months - 5, size), 0)
    acquired_day = np.where(
        in_window,
        clock.starts[first_month] + rng.integers(0, 28, size),
        clock.starts[0] - np.ceil(age * 365.25).astype(np.int64),
    )

    n_respondents = 1 + _choice_by_row(rng, np.array([t.respondents for t in types])[customer_type])
    slot = spec.first_invitation_month + rng.integers(0, 12, size)
    late = np.maximum(first_month + 4 - slot, 0)
    invited_month = slot + 12 * ((late + 11) // 12)
    rounds = max(1, (months - 1 - spec.first_invitation_month) // 12 + 1)
    round_month = invited_month[:, None] + 12 * np.arange(rounds)
    exists = round_month < months
    respondent = np.arange(int(n_respondents.max(initial=1)))
    invited = exists[:, None, :] & (respondent[None, :, None] < n_respondents[:, None, None])
    responder = rng.random(size) < spec.responder_share
    rate = np.where(np.arange(rounds) == 0, spec.answer_rate, spec.repeat_answer_rate)
    answered = invited & (rng.random(invited.shape) < rate) & responder[:, None, None]
    safe_month = np.where(exists, round_month, 0)
    answer_day = clock.starts[safe_month] + rng.integers(1, 27, size)[:, None]
    answer_day = answer_day + rng.integers(0, 2, answer_day.shape)

    any_answer = answered.any(axis=1)
    index_round = np.where(any_answer.any(axis=1), any_answer.argmax(axis=1), -1)
    index_month = np.where(index_round >= 0, invited_month + 12 * index_round, -1)
    silent_churn_month = _silent_churn(spec, months, rng, first_month, invited_month, index_month)
    lost = (index_month >= 0) & (
        (silent_churn_month < index_month) | (index_month > months - 1 - QUIET_MONTHS)
    )
    index_month = np.where(lost, -1, index_month)
    index_round = np.where(lost, -1, index_round)
    answered &= (index_month >= 0)[:, None, None]
    silent_churn_month = np.where(index_month >= 0, NEVER, silent_churn_month)

    asked = np.where(index_month >= 0, index_round, 0)
    years = (answer_day[np.arange(size), asked] - acquired_day) / 365.25
    tenure_band = np.searchsorted([1.0, 3.0, 7.0], years, side="right").astype(np.int64)

    return Customers(
        client=client,
        customer_type=customer_type,
        region=rng.integers(0, len(spec.regions), size),
        industry=rng.integers(0, max(1, len(spec.industries)), size),
        plan=rng.integers(0, len(spec.plans), size),
        currency=_choice(rng, [share for _, share, _ in spec.currencies], size),
        source=_choice(rng, [0.15, 0.15, 0.35, 0.2, 0.15], size),
        revenue=revenue,
        acquired_day=acquired_day,
        first_month=first_month,
        in_window=in_window,
        quarterly=rng.random(size) < spec.quarterly_share,
        taxed=rng.random(size) < spec.tax_share,
        migration_month=np.where(
            rng.random(size) < 0.08, first_month + 2 + rng.integers(0, months, size), NEVER
        ),
        noise_key=rng.integers(0, 2**60, size),
        invited_month=invited_month,
        invited=invited,
        answered=answered,
        answer_day=answer_day,
        index_round=index_round,
        index_month=index_month,
        silent_churn_month=silent_churn_month,
        tenure_band=tenure_band,
        revenue_band=_terciles(client * 8 + customer_type, revenue, index_month >= 0),
    )


def _choice_by_row(rng: np.random.Generator, probabilities: Floats) -> Ints:
    edges: Floats = np.cumsum(probabilities, axis=1)[:, :-1]
    above: Bools = rng.random((probabilities.shape[0], 1)) >= edges
    chosen: Ints = above.sum(axis=1).astype(np.int64)
    return chosen


def _silent_churn(
    spec: WorldSpec,
    months: int,
    rng: np.random.Generator,
    first_month: Ints,
    invited_month: Ints,
    index_month: Ints,
) -> Ints:
    """Month of notice under the hazards that do not know a score: before the first answer, and of
    those asked in vain (early and late after the first invitation). Never in the last month."""
    model = spec.churn
    rates = -np.log1p(
        -np.array([model.before, model.early * model.silent, model.late * model.silent])
    )
    clock = rng.standard_exponential(first_month.size)
    begin = first_month + 1
    # who will answer has the first rate until then; the others until their first invitation
    length = np.where(index_month >= 0, months, np.maximum(invited_month + 1 - begin, 0))
    first = clock / rates[0]
    rest = (first - length) * rates[0]
    second = rest / rates[1]
    third = (second - model.early_months) * rates[1] / rates[2]
    offset = np.where(
        first < length,
        first,
        length
        + np.where(second < model.early_months, second, model.early_months + np.maximum(third, 0)),
    )
    month = begin + np.floor(np.minimum(offset, NEVER / 2)).astype(np.int64)
    return np.where(month <= months - 2, month, NEVER)


def _terciles(group: Ints, value: Floats, member: Bools) -> Ints:
    """0, 1, 2 by the terciles of the members' values within group; groups are few."""
    band = np.ones(value.size, dtype=np.int64)
    order = np.argsort(group, kind="stable")
    edges = np.flatnonzero(np.diff(group[order])) + 1
    for rows in np.split(order, edges):
        known = value[rows][member[rows]]
        if known.size:
            band[rows] = np.searchsorted(
                np.quantile(known, [1 / 3, 2 / 3]), value[rows], side="left"
            )
    return band
