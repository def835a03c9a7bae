"""A landing of many clients with a planted closed loop: what caring_effects must find.

Every customer gives one detractor's answer. Whoever is still there is called within ten days, the
angrier the likelier. Most answer again: the next answer recovers by itself, the more the longer it
waits and the less angry the first was, and the called are asked again sooner. So the called look
better than before and worse than the others, whatever the call did. In a planted client a call
turns a quarter of the next answers into a promoter's, and undoes three in ten departures within 120
days of the landmark.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

AS_OF = date(2018, 12, 31)
CLIENTS, CUSTOMERS = 60, 400  # planted as many as null
LANDMARK, WINDOW = 14, 120
TURNED, UNDONE = 0.25, 0.3
# Probabilities of the next category (detractor, passive, promoter) by half of the band and by wait.
NEXT = np.array(
    [[(0.75, 0.15, 0.10), (0.55, 0.25, 0.20)], [(0.55, 0.25, 0.20), (0.30, 0.35, 0.35)]]
)
POINTS = np.array([-100, 0, 100])
RISK = np.array([0.25, 0.12])  # of leaving within the window, by half

Array = np.ndarray[Any, Any]


def write_carings(folder: Path) -> None:
    """The landing, and truth.json with the expected effects of each client."""
    rng = np.random.default_rng(11)
    names = [f"{kind}-{number:02}" for kind in ("null", "planted") for number in range(CLIENTS)]
    people = pd.concat([_customers(name, rng) for name in names], ignore_index=True)
    people["customer_id"] = [f"c{number:06}" for number in range(len(people))]
    folder.mkdir(parents=True)
    for name, frame in _datasets(people, rng).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    truth = {}
    for name, rows in people.groupby("client_id"):
        called = rows[rows["is_called"]]
        truth[str(name)] = {
            "points_effect": float(called.loc[called["answers_again"], "effect"].mean()),
            "churn_difference": float(-called["saved"].mean()),
        }
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")


def _customers(client: str, rng: np.random.Generator) -> pd.DataFrame:
    size, is_planted = CUSTOMERS, client.startswith("planted")
    half = rng.integers(0, 2, size)  # 0: a score of 0 to 3, 1: of 4 to 6
    left_early = rng.random(size) < 0.1
    early = rng.integers(1, LANDMARK + 1, size)
    call = rng.integers(1, 11, size)
    is_called = (rng.random(size) < np.array([0.65, 0.35])[half]) & ~(left_early & (early <= call))
    risk = RISK[half] * np.where(is_called & is_planted, 1 - UNDONE, 1.0)
    leaves = rng.random(size) < risk
    after = LANDMARK + rng.integers(1, WINDOW + 1, size)
    left = np.where(left_early, early, np.where(leaves, after, -1))
    late = (rng.random(size) < np.where(is_called, 0.3, 0.7)).astype(int)
    wait = np.where(late == 1, rng.integers(300, 400, size), rng.integers(100, 170, size))
    chances = NEXT[half, late]
    following = (rng.random(size)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    turned = is_called & is_planted & (rng.random(size) < TURNED)
    expected = chances @ POINTS
    there = (left < 0) | (left > wait)
    return pd.DataFrame(
        {
            "client_id": client,
            "half": half,
            "score": np.where(half == 0, rng.integers(0, 4, size), rng.integers(4, 7, size)),
            "answered": (date(2016, 1, 10) - date(1970, 1, 1)).days + rng.integers(0, 500, size),
            "is_called": is_called & ~(left_early & (early <= LANDMARK)),
            "was_called": is_called,
            "call": call,
            "left": left,
            "wait": wait,
            "next": np.where(turned, 2, following),
            "answers_again": there & (rng.random(size) < 0.8),
            "effect": np.where(is_planted, TURNED * (100 - expected), 0.0),
            "saved": RISK[half] * (UNDONE if is_planted else 0.0),
        }
    )


def _datasets(people: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    def day(number: pd.Series) -> pd.Series:
        days = [str(date(1970, 1, 1) + timedelta(days=int(value))) for value in number]
        return pd.Series(days, index=number.index)

    again = people[people["answers_again"]]
    scores = np.array([3, 7, 10])
    first = pd.DataFrame(
        {
            "response_id": "r" + people["customer_id"].str[1:],
            "customer_id": people["customer_id"],
            "responded_at": day(people["answered"]) + "T08:00:00Z",
            "score": people["score"],
        }
    )
    second = pd.DataFrame(
        {
            "response_id": "n" + again["customer_id"].str[1:],
            "customer_id": again["customer_id"],
            "responded_at": day(again["answered"] + again["wait"]) + "T08:00:00Z",
            "score": scores[again["next"]],
        }
    )
    called = people[people["was_called"]]
    has_left = people["left"] >= 0
    return {
        "crm_customers": people[["customer_id", "client_id"]].assign(
            customer_type="consumer", acquired_on="2010-01-01"
        ),
        "survey_responses": pd.concat([first, second], ignore_index=True),
        "billing_subscriptions": pd.DataFrame(
            {
                "subscription_id": "s" + people["customer_id"].str[1:],
                "customer_id": people["customer_id"],
                "started_on": "2010-01-01",
                "ended_on": day(people["answered"] + people["left"]).where(has_left),
                "end_reason": pd.Series("voluntary", index=people.index).where(has_left),
            }
        ),
        "support_follow_ups": pd.DataFrame(
            {
                "follow_up_id": "f" + called["customer_id"].str[1:],
                "response_id": "r" + called["customer_id"].str[1:],
                "opened_at": day(called["answered"]) + "T10:00:00Z",
                "contacted_at": day(called["answered"] + called["call"]) + "T08:00:00Z",
                "owner_team": np.where(rng.random(len(called)) < 0.5, "care", "billing"),
                "outcome": "called",
            }
        ),
    }
