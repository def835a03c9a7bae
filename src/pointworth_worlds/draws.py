"""From the drawn customers to who answered what and who left: the order of events of a world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .answers import (
    draw_categories,
    draw_scores,
    lasting_quantiles,
    later_quantiles,
    mean_over_answered,
    opinion_of,
)
from .churn import Exposure, bounded, draw_departures
from .clock import Bools, Clock, Floats, Ints
from .customers import NEVER, Customers, draw_customers
from .truth import Growth
from .worlds import WorldSpec


@dataclass
class Answers:
    """Relational answers, one entry each: ``row`` into Customers, ``respondent`` and ``round``
    from 0, ``day`` number, category 0–2, score 0–10."""

    row: Ints
    respondent: Ints
    round: Ints
    day: Ints
    category: Ints
    score: Ints
    is_index: Bools
    is_anonymous: Bools


@dataclass
class Drawn:
    """A drawn world. The last five have one entry per customer: month and day of notice, day of
    the churn event (``NEVER`` if none), whether without notice, position in ``exposure`` or −1."""

    customers: Customers
    exposure: Exposure
    growth: Growth
    answers: Answers
    invited_row: Ints
    invited_respondent: Ints
    invited_round: Ints
    sent_day: Ints
    notice_month: Ints
    notice_day: Ints
    event_day: Ints
    no_notice: Bools
    position: Ints


def draw_world(spec: WorldSpec, clock: Clock, size: int, seed: int) -> Drawn:
    """Draw a world of ``size`` customers; the same seed gives the same world."""
    rng = np.random.default_rng([seed, *spec.name.encode()])
    customers = draw_customers(spec, clock, size, rng)
    lasting = lasting_quantiles(spec, size, customers.answered.shape[1], rng)
    opinion = opinion_of(spec, customers)
    exposure, growth, first = _first_answers(spec, clock, customers, lasting, opinion, rng)
    left = draw_departures(spec, clock, exposure, rng)

    position = np.full(size, -1, dtype=np.int64)
    position[exposure.row] = np.arange(exposure.row.size)
    notice_month, notice_day, event_day, no_notice = _everybody_leaves(spec, clock, customers, rng)
    notice_month[exposure.row], notice_day[exposure.row] = left.month, left.notice_day
    event_day[exposure.row], no_notice[exposure.row] = left.event_day, exposure.no_notice

    later = _later_answers(spec, clock, customers, lasting, opinion, event_day, rng)
    answers = Answers(
        *(
            np.concatenate([getattr(first, name), getattr(later, name)])
            for name in Answers.__dataclass_fields__
        )
    )
    sent = customers.answer_day - rng.integers(1, 11, customers.answer_day.shape)
    asked = customers.invited & (sent < event_day[:, None])[:, None, :]
    row, respondent, round_number = (part.astype(np.int64) for part in np.nonzero(asked))
    return Drawn(
        customers,
        exposure,
        growth,
        answers,
        row,
        respondent,
        round_number,
        sent[row, round_number],
        notice_month,
        notice_day,
        event_day,
        no_notice,
        position,
    )


def _first_answers(
    spec: WorldSpec,
    clock: Clock,
    customers: Customers,
    lasting: Floats,
    opinion: Floats,
    rng: np.random.Generator,
) -> tuple[Exposure, Growth, Answers]:
    row = np.flatnonzero(customers.index_month >= 0)
    round_number = customers.index_round[row]
    answered = customers.answered[row, :, round_number]
    at, respondent = (part.astype(np.int64) for part in np.nonzero(answered))
    month, day = customers.index_month[row], customers.answer_day[row, round_number]
    stratum = customers.stratum()[row]
    category = draw_categories(
        spec, clock, opinion[row[at]], stratum[at], month[at], lasting[row[at], respondent], rng
    )
    score = draw_scores(category, rng)

    categories = np.zeros(answered.shape, dtype=np.int64)
    scores = np.zeros(answered.shape, dtype=np.int64)
    categories[at, respondent], scores[at, respondent] = category, score
    first = answered.argmax(axis=1)
    everyone = np.arange(row.size)
    contribution: Floats = 100.0 * (categories - 1).astype(np.float64)
    x = mean_over_answered(contribution, answered)

    kind, tenure, band = (
        customers.customer_type[row],
        customers.tenure_band[row],
        customers.revenue_band[row],
    )
    types = spec.customer_types
    level = np.exp(
        np.array([t.hazard for t in types])[kind]
        + np.array(spec.tenure.hazard)[tenure]
        + np.array(spec.revenue_band.hazard)[band]
    )
    model = spec.churn

    def hazard_from(base: float, by_score: tuple[float, ...]) -> Floats:
        table: Floats = np.array(by_score, dtype=np.float64)
        effect = spec.effect_scale * mean_over_answered(table[scores], answered)
        return bounded(base * level * np.exp(effect))

    growth = Growth(
        drift=np.array([t.drift for t in types])[kind]
        + np.array(spec.tenure.drift)[tenure]
        + np.array(spec.revenue_band.drift)[band],
        gain=spec.effect_scale * spec.gain * x / 100.0,
    )
    score_of_first = scores[everyone, first]
    assigned, treated = _lottery(spec, day, score_of_first, band, rng)
    length = np.diff(clock.starts)[month]
    exposure = Exposure(
        row=row,
        month=month,
        answer_day=day,
        x=x,
        category=categories[everyone, first],
        score=score_of_first,
        early=hazard_from(model.early, model.early_by_score),
        late=hazard_from(model.late, model.late_by_score),
        first_share=(clock.starts[month] + length - 1 - day) / length,
        assigned_day=assigned,
        treated=treated,
        no_notice=rng.random(row.size) < spec.churn.non_payment_share,
    )
    answers = Answers(
        row[at],
        respondent,
        round_number[at],
        day[at],
        category,
        score,
        np.ones(at.size, dtype=bool),
        np.zeros(at.size, dtype=bool),
    )
    return exposure, growth, answers


def _lottery(
    spec: WorldSpec, day: Ints, score: Ints, band: Ints, rng: np.random.Generator
) -> tuple[Ints, Bools]:
    """Day of assignment (``NEVER`` outside the campaign) and arm; not by lot, more of the larger
    customers are treated."""
    campaign = spec.campaign
    if campaign is None:
        return np.full(day.size, NEVER, dtype=np.int64), np.zeros(day.size, dtype=bool)
    drawn = (score <= campaign.maximum_score) & (rng.random(day.size) < campaign.share)
    chance = 0.5 if campaign.is_randomised else 0.3 + 0.2 * band
    treated = drawn & (rng.random(day.size) < chance)
    return np.where(drawn, day + rng.integers(8, 13, day.size), NEVER), treated


def _everybody_leaves(
    spec: WorldSpec, clock: Clock, customers: Customers, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Bools]:
    """Notice and event of those who never answer; ``NEVER`` for the others, yet."""
    month = customers.silent_churn_month.copy()
    gone = month < NEVER
    safe = np.where(gone, month, 0)
    days = np.diff(clock.starts)[safe]
    notice = clock.starts[safe] + 1 + np.floor(rng.random(month.size) * (days - 1)).astype(np.int64)
    no_notice = rng.random(month.size) < spec.churn.non_payment_share
    event = np.where(no_notice, clock.starts[safe] + days, notice)
    return month, np.where(gone, notice, NEVER), np.where(gone, event, NEVER), no_notice


def _later_answers(
    spec: WorldSpec,
    clock: Clock,
    customers: Customers,
    lasting: Floats,
    opinion: Floats,
    event_day: Ints,
    rng: np.random.Generator,
) -> Answers:
    """Answers of later rounds of those who are still there; they have no further effect."""
    rows, persons, rounds, quantiles = [], [], [], []
    for number in range(1, customers.answered.shape[2]):
        there = (customers.index_round >= 0) & (customers.index_round < number)
        there &= customers.answer_day[:, number] < event_day
        quantile = later_quantiles(spec, lasting, rng)
        row, person = np.nonzero(customers.answered[:, :, number] & there[:, None])
        rows.append(row)
        persons.append(person)
        rounds.append(np.full(row.size, number))
        quantiles.append(quantile[row, person])
    row, person, number_of = (
        np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
        for parts in (rows, persons, rounds)
    )
    quantile = np.concatenate(quantiles) if quantiles else np.zeros(0)
    category = draw_categories(
        spec,
        clock,
        opinion[row],
        customers.stratum()[row],
        customers.invited_month[row] + 12 * number_of,
        quantile,
        rng,
    )
    return Answers(
        row,
        person,
        number_of,
        customers.answer_day[row, number_of],
        category,
        draw_scores(category, rng),
        np.zeros(row.size, dtype=bool),
        rng.random(row.size) < spec.anonymous_share,
    )
