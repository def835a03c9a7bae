"""Who leaves after an answer, drawn and expected from the same hazards.

Relative month j = 0 is the rest of the answer's month. Who leaves in month j gives notice on a
uniform day of it (from the second day, or the day after the answer) and pays for the whole month;
the contract ends on the first of the next month. So a customer is alive at the start of month k
exactly when the month of notice is k or later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .clock import Bools, Clock, Floats, Ints
from .customers import NEVER
from .worlds import Campaign, WorldSpec

_LARGEST_HAZARD = 0.5


@dataclass
class Exposure:
    """The customers with a first relational answer; one entry per such customer.

    ``row`` index into Customers; ``month`` of the answer; ``answer_day`` a day number; ``x`` mean
    contribution in [−100, 100]; ``category`` of the first answer in time; ``score`` its score;
    ``early`` and ``late`` monthly hazards; ``first_share`` the share of the answer's month left;
    ``assigned_day`` and ``treated`` the campaign lottery (day number or ``NEVER``), drawn before
    anybody leaves; ``no_notice`` leaves by not paying, if at all.
    """

    row: Ints
    month: Ints
    answer_day: Ints
    x: Floats
    category: Ints
    score: Ints
    early: Floats
    late: Floats
    first_share: Floats
    assigned_day: Ints
    treated: Bools
    no_notice: Bools


@dataclass
class Departures:
    """Month of notice (counted from the start, ``NEVER`` if none), day of notice, and the day of
    the churn event: the notice, or the end of the contract where there was none."""

    month: Ints
    notice_day: Ints
    event_day: Ints


def hazard(spec: WorldSpec, exposure: Exposure, j: int) -> Floats:
    """Probability of notice in relative month j among those still there."""
    value = exposure.early if j < spec.churn.early_months else exposure.late
    return value * exposure.first_share if j == 0 else value


def bounded(value: Floats) -> Floats:
    """Hazards no larger than a half."""
    return np.minimum(value, _LARGEST_HAZARD)


def _window_share(
    clock: Clock, exposure: Exposure, j: int, after: Ints, until: Ints, no_notice_share: float
) -> Floats:
    """P(the churn event falls in (after, until] | notice in relative month j)."""
    last = clock.starts.size - 2
    month = np.minimum(exposure.month + j, last)
    begin = exposure.answer_day if j == 0 else clock.starts[month]
    final = clock.starts[month + 1] - 1
    days = np.maximum(final - begin, 1)
    inside = np.clip(np.minimum(final, until) - np.maximum(begin, after), 0, None) / days
    end = final + 1
    ended: Floats = ((end > after) & (end <= until)).astype(np.float64)
    share: Floats = (1 - no_notice_share) * inside + no_notice_share * ended
    return share


def expected_alive(
    spec: WorldSpec, clock: Clock, exposure: Exposure, horizon: int
) -> Iterator[tuple[int, Floats]]:
    """Pairs (k, E[a_k]) for k = 1 … horizon; E[a_k] has one entry per exposed customer.

    Conditional on the answer and on the campaign lottery; a treated customer's events in the
    window are undone with the planted probability, after which the late hazard holds from the
    month after the window's end.
    """
    size = exposure.row.size
    alive = np.ones(size)
    campaign = spec.campaign
    helped = exposure.treated & (exposure.assigned_day < NEVER)
    saved_events = np.zeros(size)
    saved_alive = np.ones(size)
    if campaign is not None:
        until = exposure.assigned_day + campaign.window_days
        resume = _month_of(clock, np.where(helped, until, clock.starts[0])) - exposure.month
    for k in range(1, horizon + 1):
        j = k - 1
        leaving = alive * hazard(spec, exposure, j)
        if campaign is not None and spec.campaign_reduction > 0:
            if j < 8:
                inside = _window_share(
                    clock, exposure, j, exposure.assigned_day, until, spec.churn.non_payment_share
                )
                saved_events = saved_events + np.where(helped, leaving * inside, 0.0)
            saved_alive = np.where(j > resume, saved_alive * (1 - exposure.late), saved_alive)
        alive = alive - leaving
        if campaign is None:
            yield k, alive
        else:
            yield k, alive + spec.campaign_reduction * saved_events * saved_alive


def expected_risk(spec: WorldSpec, clock: Clock, exposure: Exposure, window: int) -> Floats:
    """P(churn event within ``window`` days of the answer), by customer, campaign included."""
    until = exposure.answer_day + window
    risk, alive = np.zeros(exposure.row.size), np.ones(exposure.row.size)
    campaign = spec.campaign
    for j in range(window // 28 + 2):
        leaving = alive * hazard(spec, exposure, j)
        share = _window_share(
            clock, exposure, j, exposure.answer_day, until, spec.churn.non_payment_share
        )
        if campaign is not None:
            saved = _window_share(
                clock, exposure, j, exposure.assigned_day, until, spec.churn.non_payment_share
            )
            share = share - np.where(exposure.treated, spec.campaign_reduction * saved, 0.0)
        risk += leaving * share
        alive -= leaving
    return risk


def expected_campaign_risk(
    spec: WorldSpec, clock: Clock, exposure: Exposure, campaign: Campaign
) -> tuple[float, float]:
    """Expected churn within the window of the assignment among those assigned: control, treated."""
    drawn = exposure.assigned_day < NEVER
    until = exposure.assigned_day + campaign.window_days
    inside, before, alive = (np.zeros(drawn.size), np.zeros(drawn.size), np.ones(drawn.size))
    for j in range(campaign.window_days // 28 + 3):
        leaving = alive * hazard(spec, exposure, j)
        share = spec.churn.non_payment_share
        inside += leaving * _window_share(clock, exposure, j, exposure.assigned_day, until, share)
        before += leaving * _window_share(
            clock, exposure, j, exposure.answer_day, exposure.assigned_day, share
        )
        alive -= leaving
    if not drawn.any():
        return 0.0, 0.0
    control = float(inside[drawn].sum() / (1 - before[drawn]).sum())
    return control, control * (1 - spec.campaign_reduction)


def draw_departures(
    spec: WorldSpec, clock: Clock, exposure: Exposure, rng: np.random.Generator
) -> Departures:
    """Draw month, notice and event of leaving for each exposed customer, campaign included.

    Nobody leaves in the last month: it could not be seen in any revenue, and who is active at the
    end would depend on a choice of definition.
    """
    size = exposure.row.size
    horizon = clock.months - 1 - int(exposure.month.min(initial=0))
    draw, alive = rng.random(size), np.ones(size)
    relative = np.full(size, NEVER, dtype=np.int64)
    for j in range(horizon):
        alive = alive * (1 - hazard(spec, exposure, j))
        relative = np.where((relative == NEVER) & (draw > alive), j, relative)
    departures = _place(clock, exposure, relative, rng)
    if spec.campaign is None or spec.campaign_reduction == 0:
        return departures

    campaign = spec.campaign
    until = exposure.assigned_day + campaign.window_days
    saved = (
        exposure.treated
        & (departures.event_day > exposure.assigned_day)
        & (departures.event_day <= until)
        & (rng.random(size) < spec.campaign_reduction)
    )
    resume = _month_of(clock, np.where(saved, until, clock.starts[0])) - exposure.month
    wait = np.floor(rng.standard_exponential(size) / -np.log1p(-exposure.late)).astype(np.int64)
    again = _place(clock, exposure, resume + 1 + wait, rng)
    return Departures(
        np.where(saved, again.month, departures.month),
        np.where(saved, again.notice_day, departures.notice_day),
        np.where(saved, again.event_day, departures.event_day),
    )


def _place(
    clock: Clock, exposure: Exposure, relative: Ints, rng: np.random.Generator
) -> Departures:
    month = np.where(relative < NEVER, exposure.month + relative, NEVER)
    month = np.where(month <= clock.months - 2, month, NEVER)
    safe = np.where(month < NEVER, month, 0)
    begin = np.where(relative == 0, exposure.answer_day, clock.starts[safe])
    final = clock.starts[safe + 1] - 1
    days = np.maximum(final - begin, 1)
    notice = begin + 1 + np.floor(rng.random(relative.size) * days).astype(np.int64)
    event = np.where(exposure.no_notice, final + 1, notice)
    gone = month < NEVER
    return Departures(month, np.where(gone, notice, NEVER), np.where(gone, event, NEVER))


def _month_of(clock: Clock, day: Ints) -> Ints:
    """The month a day number is in, counted from the start."""
    bounded_day = np.minimum(day, clock.starts[-1])
    month: Ints = np.searchsorted(clock.starts, bounded_day, side="right").astype(np.int64) - 1
    return month
