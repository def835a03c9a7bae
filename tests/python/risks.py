"""Landings of customers who leave, month by month, by a known chance: what churn_risk_* must find.

Of two clients and a small one. In each month a customer leaves with a chance that rises with a low
last score, complaints, silence and a falling bill – or, where nothing can be foreseen, that is the
same for all.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FIRST, MONTHS = date(2016, 1, 1), 48
AS_OF = date(2019, 12, 31)
EFFECTS = {"detractor": 1.5, "complaint": 0.8, "silent": 0.7, "falling": 1.0, "tenure": -0.3}


@dataclass(frozen=True)
class Plan:
    """How many customers, and how much of their leaving can be foreseen (0: nothing)."""

    customers: int = 5_000
    foreseen: float = 1.0
    hazard: float = 0.008
    seed: int = 5
    campaign: float | None = None  # of a campaign drawn by lot, the ratio of the risks
    acted: frozenset[str] = frozenset()  # treated from the month on in which the list was drawn
    ratio: float = 1.0  # of their risk


#: The list is drawn on the last day of the month before.
ACTED = 43
CAMPAIGN_MONTHS = (30, 33, 36)
COST = 2.0


def write_risks(folder: Path, plan: Plan) -> None:
    """The landing."""
    folder.mkdir(parents=True)
    for name, rows in _Months(plan).rows().items():
        if rows:
            pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)


def month_start(number: int) -> date:
    """The first day of a month, counted from the first."""
    return date(FIRST.year + number // 12, number % 12 + 1, 1)


class _Months:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.rng = plan, np.random.default_rng(plan.seed)
        size, rng = plan.customers, self.rng
        self.ids = np.array([f"c{number:05}" for number in range(size)])
        self.start = -rng.integers(1, 60, size)
        late = rng.random(size) < 0.3
        self.start[late] = rng.integers(0, MONTHS - 4, late.sum())
        self.client = np.where(
            np.arange(size) % 20 == 0, "small", np.where(rng.random(size) < 0.5, "east", "west")
        )
        self.mood = rng.normal(0, 1, size)
        self.bill = np.round(np.exp(rng.normal(3.5, 0.5, size)), 2)
        self.left = np.full(size, -1)  # a day number from FIRST on
        self.end = np.full(size, -1)
        self.until, self.ratio = np.full(size, -1), np.ones(size)
        self.data: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "crm_customers",
                "billing_subscriptions",
                "billing_invoice_lines",
                "survey_responses",
                "survey_invitations",
                "support_interactions",
                "campaign_assignments",
            )
        }

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        size, rng = self.plan.customers, self.rng
        last = np.full(size, -1)  # the last score
        asked = np.full(size, False)  # and silent since
        complaints = np.zeros((3, size), int)
        falling = np.zeros(size, bool)
        for month in range(MONTHS):
            first = month_start(month)
            days = (month_start(month + 1) - first).days
            there = (self.start <= month) & (self.left < 0)
            fell = there & (rng.random(size) < 0.03)
            falling = np.where(rng.random(size) < 0.3, False, falling) | fell
            self.bill = np.where(fell, np.round(self.bill * 0.7, 2), self.bill)
            complaints = np.roll(complaints, 1, axis=0)
            complaints[0] = np.where(there, rng.poisson(0.05 * np.exp(-0.4 * self.mood)), 0)
            lift = (
                EFFECTS["detractor"] * ((last >= 0) & (last <= 6))
                + EFFECTS["complaint"] * np.minimum(complaints.sum(axis=0), 3)
                + EFFECTS["silent"] * asked
                + EFFECTS["falling"] * falling
                + EFFECTS["tenure"] * np.log1p(np.maximum(month - self.start, 0) / 12)
            )
            chance = np.minimum(self.plan.hazard * np.exp(self.plan.foreseen * lift), 0.5)
            chance = chance * self._act(month, first, there)
            leaves = (
                there & (self.start < month) & (rng.random(size) < chance) & (month < MONTHS - 1)
            )
            day = 1 + np.floor(rng.random(size) * (days - 1)).astype(int)
            begin = (first - FIRST).days
            self.left = np.where(leaves, begin + day, self.left)
            self.end = np.where(leaves, begin + days, self.end)
            self._bill(first, there, complaints[0], leaves, day)
            self._ask(month, first, there & ~leaves, last, asked)
        return self.data | {
            "crm_customers": [
                {
                    "customer_id": i,
                    "client_id": c,
                    "customer_type": "consumer",
                    "acquired_on": _day(s),
                }
                for i, c, s in zip(self.ids, self.client, self.start, strict=True)
            ],
            "billing_subscriptions": [
                {
                    "subscription_id": f"s{i}",
                    "customer_id": i,
                    "plan": "basic",
                    "started_on": _day(s),
                    "notice_on": FIRST + timedelta(int(left)) if left >= 0 else None,
                    "ended_on": FIRST + timedelta(int(end)) if left >= 0 else None,
                    "end_reason": "voluntary" if left >= 0 else None,
                }
                for i, s, left, end in zip(self.ids, self.start, self.left, self.end, strict=True)
            ],
        }

    def _act(self, month: int, first: date, there: Any) -> Any:
        """Assign customers by lot; the ratio of every customer's risk."""
        size, plan = self.plan.customers, self.plan
        if plan.campaign is not None and month in CAMPAIGN_MONTHS:
            draw = np.random.default_rng(month).random(size)
            for row in np.flatnonzero(there & (draw < 0.5) & (self.until < month)):
                is_treated = draw[row] < 0.25
                self.until[row] = month + 4
                self.ratio[row] = plan.campaign if is_treated else 1.0
                self.data["campaign_assignments"].append(
                    {
                        "assignment_id": f"a{month}{row}",
                        "campaign_id": f"keep-{month}",
                        "action_kind": "tariff_repositioning",
                        "customer_id": self.ids[row],
                        "arm": "treated" if is_treated else "control",
                        "is_randomised": "true",
                        "assigned_on": first,
                        "contact_cost": COST if is_treated else 0,
                    }
                )
        ratio = np.where(self.until > month, self.ratio, 1.0)
        if ACTED <= month < ACTED + 4:
            ratio = np.where(np.isin(self.ids, list(plan.acted)), plan.ratio, ratio)
        return ratio

    def _bill(self, first: date, there: Any, complaints: Any, leaves: Any, day: Any) -> None:
        for row in np.flatnonzero(there):
            self.data["billing_invoice_lines"].append(
                {
                    "invoice_line_id": f"l{len(self.data['billing_invoice_lines'])}",
                    "customer_id": self.ids[row],
                    "invoiced_on": first,
                    "amount": self.bill[row],
                    "line_kind": "recurring",
                }
            )
            for _ in range(complaints[row]):
                wait = int(self.rng.integers(0, 5))
                opened = first + timedelta(
                    int(self.rng.integers(0, max(day[row], 1) if leaves[row] else 28))
                )
                self.data["support_interactions"].append(
                    {
                        "interaction_id": f"i{len(self.data['support_interactions'])}",
                        "customer_id": self.ids[row],
                        "journey_stage": "support",
                        "channel": "phone",
                        "opened_at": f"{opened}T09:00:00Z",
                        "resolved_at": f"{opened + timedelta(wait)}T17:00:00Z",
                        "is_complaint": "true",
                    }
                )

    def _ask(self, month: int, first: date, there: Any, last: Any, asked: Any) -> None:
        size = self.plan.customers
        due = there & ((np.arange(size) + month) % 4 == 0)
        for row in np.flatnonzero(due):
            sent = first + timedelta(int(self.rng.integers(0, 10)))
            number = len(self.data["survey_invitations"])
            self.data["survey_invitations"].append(
                {
                    "invitation_id": f"v{number}",
                    "customer_id": self.ids[row],
                    "sent_at": f"{sent}T08:00:00Z",
                }
            )
            asked[row] = self.rng.random() > 0.5
            if not asked[row]:
                score = int(
                    np.clip(np.round(7.5 + 1.5 * self.mood[row] + self.rng.normal(0, 1.5)), 0, 10)
                )
                last[row] = score
                self.data["survey_responses"].append(
                    {
                        "response_id": f"r{number}",
                        "customer_id": self.ids[row],
                        "invitation_id": f"v{number}",
                        "responded_at": f"{sent + timedelta(days=2)}T12:00:00Z",
                        "score": score,
                    }
                )


def _day(month: int) -> date:
    number = FIRST.year * 12 + int(month)
    return date(number // 12, number % 12 + 1, 1)
