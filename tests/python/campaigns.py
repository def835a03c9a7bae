"""A landing of many campaigns whose effects are planted: what retention_action_effects must find.

Every customer belongs to one campaign. Within 120 days of its assignment it leaves with a
probability of its own, on a day drawn evenly; being treated multiplies that probability by the
campaign's ratio. Who does not leave then stays. Revenue runs by the day from four months before the
assignment until the customer leaves, so that what a campaign keeps can be computed exactly.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

AS_OF = date(2018, 12, 31)
WINDOW = 120
PLANTED, NULLS, CHOSEN_ONES = 100, 100, 40
CHOSEN = (0.2, 0.5, 0.8)  # the better the customer, the likelier its treatment
LATE = (date(2018, 6, 1), date(2018, 12, 20))
RISK_BY_BAND = np.array([0.42, 0.26, 0.12])  # of the low, middle and high revenue
CONTACT, DISCOUNT = 3.0, 20.0


@dataclass(frozen=True)
class Plan:
    """One campaign: its size, the ratio of the risks, and how it was assigned."""

    name: str
    customers: int
    ratio: float
    chance: tuple[float, float, float] = (0.5, 0.5, 0.5)  # of treatment, by revenue band
    is_randomised: bool = True
    first_day: date = date(2016, 1, 1)
    last_day: date = date(2017, 10, 31)
    risk: float = 1.0


PLANS = (
    *(Plan(f"planted-{number:03}", 260, 0.65) for number in range(PLANTED)),
    *(Plan(f"null-{number:03}", 260, 1.0) for number in range(NULLS)),
    *(
        Plan(f"chosen-{number:02}", 500, 0.65, CHOSEN, is_randomised=False)
        for number in range(CHOSEN_ONES)
    ),
    *(
        Plan(f"late-{number}", 500, 0.65, first_day=LATE[0], last_day=LATE[1])
        for number in range(6)
    ),
    Plan("harmful", 1_500, 1.5),
    Plan("confounded", 3_000, 1.0, CHOSEN, is_randomised=False),
    Plan("broken_lot", 1_200, 0.65, (0.35, 0.35, 0.35)),
    Plan("two_to_one", 900, 0.65, (2 / 3, 2 / 3, 2 / 3)),
    Plan("everybody", 300, 0.65, (1.0, 1.0, 1.0)),
    Plan("saved_all", 300, 0.0),
    Plan("nobody_leaves", 300, 1.0, risk=0.0),
    Plan("tiny", 40, 0.65),
)


def write_campaigns(folder: Path) -> None:
    """The landing, and truth.json with the expected effect of each campaign."""
    rng = np.random.default_rng(7)
    people = pd.concat([_participants(plan, rng) for plan in PLANS], ignore_index=True)
    people["customer_id"] = [f"c{number:06}" for number in range(len(people))]
    people["response_id"] = "r" + people["customer_id"].str[1:]
    folder.mkdir(parents=True)
    for name, frame in _datasets(people).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    truth = {
        plan.name: {
            "relative_reduction": 1 - plan.ratio,
            "revenue_per_treated": float(rows.loc[rows["is_treated"], "kept"].mean()),
        }
        for plan, (_, rows) in zip(PLANS, people.groupby("campaign", sort=False), strict=True)
    }
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")


def _participants(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    size = plan.customers
    band = rng.integers(0, 3, size)
    is_sme = rng.random(size) < 0.3
    daily = np.exp(rng.normal(0.0, 0.1, size)) * np.array([0.5, 1.0, 2.0])[band]
    daily = np.round(daily * np.where(is_sme, 3.0, 1.0), 2)
    span = (plan.last_day - plan.first_day).days + 1
    assigned = (plan.first_day - date(1970, 1, 1)).days + rng.integers(0, span, size)
    is_treated = rng.random(size) < np.array(plan.chance)[band]
    risk = plan.risk * RISK_BY_BAND[band]
    actual = risk * np.where(is_treated, plan.ratio, 1.0)
    leaves = rng.random(size) < actual
    after = rng.integers(1, WINDOW + 1, size)
    left = np.where(leaves, assigned + after, -1)
    known = (date(1970, 1, 1), AS_OF)
    end = (known[1] - known[0]).days
    return pd.DataFrame(
        {
            "campaign": plan.name,
            "customer_type": np.where(is_sme, "sme", "consumer"),
            "client_id": np.where(rng.random(size) < 0.5, "east", "west"),
            "daily": daily,
            "assigned": assigned,
            "is_treated": is_treated,
            "is_randomised": plan.is_randomised,
            "left": np.where(left > end, -1, left),
            "score": rng.integers(0, 7, size),
            "acquired": assigned - rng.integers(200, 4000, size),
            "kept": risk * (1 - plan.ratio) * _revenue_lost(assigned, daily),
            "draw": rng.random(size),
        }
    )


def _revenue_lost(assigned: np.ndarray[Any, Any], daily: np.ndarray[Any, Any]) -> Any:
    """Revenue of the twelve months after the month of assignment that leaving within the window
    costs, on average over the day of leaving."""
    month = assigned.astype("datetime64[D]").astype("datetime64[M]")
    start = (month + 1).astype("datetime64[D]").astype(int)
    stop = (month + 13).astype("datetime64[D]").astype(int)
    lost = [stop - np.maximum(start, assigned + day) for day in range(1, WINDOW + 1)]
    return daily * np.mean(lost, axis=0)


def _datasets(people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    def day(number: pd.Series) -> pd.Series:
        return pd.Series(
            [str(date(1970, 1, 1) + timedelta(days=int(value))) for value in number],
            index=number.index,
        )

    last = (AS_OF - date(1970, 1, 1)).days
    begins = people["assigned"] - 125
    ends = np.where(people["left"] >= 0, people["left"], people["assigned"] + 430)
    ends = np.minimum(ends, last + 1)
    has_left = people["left"] >= 0
    contacted = people["is_treated"] & (people["draw"] < 0.8)
    accepted = people["is_treated"] & (people["draw"] < 0.5)
    return {
        "crm_customers": pd.DataFrame(
            {
                "customer_id": people["customer_id"],
                "client_id": people["client_id"],
                "customer_type": people["customer_type"],
                "acquired_on": day(people["acquired"]),
            }
        ),
        "survey_responses": pd.DataFrame(
            {
                "response_id": people["response_id"],
                "customer_id": people["customer_id"],
                "responded_at": day(people["assigned"] - 10) + "T09:00:00Z",
                "score": people["score"],
            }
        ),
        "billing_subscriptions": pd.DataFrame(
            {
                "subscription_id": "s" + people["customer_id"].str[1:],
                "customer_id": people["customer_id"],
                "started_on": day(people["acquired"]),
                "ended_on": day(people["left"]).where(has_left),
                "end_reason": pd.Series("voluntary", index=people.index).where(has_left),
            }
        ),
        "billing_invoice_lines": pd.DataFrame(
            {
                "invoice_line_id": "l" + people["customer_id"].str[1:],
                "customer_id": people["customer_id"],
                "invoiced_on": day(begins),
                "service_from": day(begins),
                "service_to": day(pd.Series(ends, index=people.index)),
                "line_kind": "recurring",
                "amount": np.round(people["daily"] * (ends - begins), 2),
            }
        ),
        "campaign_assignments": pd.DataFrame(
            {
                "assignment_id": "a" + people["customer_id"].str[1:],
                "campaign_id": people["campaign"],
                "action_kind": pd.Series("offer", index=people.index).where(people["is_treated"]),
                "customer_id": people["customer_id"],
                "arm": np.where(people["is_treated"], "treated", "control"),
                "is_randomised": people["is_randomised"],
                "assigned_on": day(people["assigned"]),
                "accepted": accepted,
                "discount_amount": np.where(accepted, DISCOUNT, 0.0),
                "contact_cost": np.where(contacted, CONTACT, 0.0),
                "trigger_response_id": people["response_id"],
            }
        ),
    }
