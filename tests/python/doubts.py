"""A landing of clients in each of which a different thing deceives: what stands beside the value of
a point must tell, and what is adjusted, corrected or left out must find what was planted.

Every customer of a client is asked in August 2022 and again a year later, pays every month from
2021 to 2024, and never leaves. With x the contribution of an answer, the revenue of month k after
it is the baseline times 1 + EFFECT × x × k / HORIZON, and what deceives is added to that.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
MONTHS = 48  # from January 2021
FIRST, SECOND = 19, 31  # August 2022 and August 2023
HORIZON = 12
SIZE = 700
EFFECT = 0.0010  # of a point, by the last month of the horizon
NOISE = 0.04
CHANCE = 0.5  # the share of answers that say nothing, in the noisy client

#: The sum over the horizon of the effect of one point: EFFECT × (1 + … + 12) / 12.
PLANTED = EFFECT * (HORIZON + 1) / 2


@dataclass
class Client:
    """The customers of a client: what they answered, and what they paid in each month."""

    name: str
    types: Array
    answers: list[Array]
    revenue: Array
    retests: Array = field(default_factory=lambda: np.zeros(0))
    wallet: bool = False


def write_doubts(folder: Path) -> None:
    """The landing, and truth.json with the planted slope and the revenue it is a slope of."""
    rng = np.random.default_rng(11)
    clients = [
        honest(rng),
        reverse(rng),
        confounded(rng),
        noisy(rng),
        giant(rng),
    ]
    folder.mkdir(parents=True)
    frames = [_datasets(client) for client in clients]
    for name in frames[0]:
        rows = pd.concat([frame[name] for frame in frames], ignore_index=True)
        rows.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "truth.json").write_text(json.dumps({"slope": PLANTED}), encoding="utf-8")


def contributions(rng: np.random.Generator, size: int, promoters: float = 0.4) -> Array:
    """−100, 0 or 100 each, a quarter of the others passive."""
    draw = rng.random(size)
    rest = (1 - promoters) * 0.4
    return np.where(draw < promoters, 100.0, np.where(draw < promoters + rest, 0.0, -100.0))


def levels(rng: np.random.Generator, size: int) -> Array:
    """Monthly revenue before the first answer."""
    return np.round(np.exp(rng.normal(4.6, 0.35, size)), 2)


def paid(
    rng: np.random.Generator, level: Array, first: Array, second: Array, drift: Any = 0.0
) -> Array:
    """Revenue by month: a level, what the first answer goes with until the second, then what the
    second goes with; `drift` grows by itself from the first answer on, by HORIZON months."""
    month = np.arange(MONTHS)
    since = np.clip(month - FIRST, 0, None)[None, :]
    after = np.clip(month - SECOND, 0, HORIZON)[None, :] / HORIZON
    until = np.clip(month - FIRST, 0, HORIZON)[None, :] / HORIZON
    growth = 1 + EFFECT * (first[:, None] * until + second[:, None] * after)
    growth = growth + np.asarray(drift).reshape(-1, 1) * since / HORIZON
    noise = 1 + NOISE * rng.standard_normal((level.size, MONTHS))
    revenue: Array = level[:, None] * growth * noise
    return revenue


def honest(rng: np.random.Generator) -> Client:
    """Nothing deceives; and of what customers spend with all suppliers half is ours before."""
    first, second = contributions(rng, SIZE), contributions(rng, SIZE)
    level = levels(rng, SIZE)
    revenue = paid(rng, level, first, second)
    return Client("honest", np.full(SIZE, "sme"), [first, second], revenue, wallet=True)


def reverse(rng: np.random.Generator) -> Client:
    """Revenue moves first and the answer follows; it goes on moving, whatever was answered."""
    pace = 0.20 * rng.standard_normal(SIZE)
    first = np.where(pace > 0.08, 100.0, np.where(pace < -0.08, -100.0, 0.0))
    level = levels(rng, SIZE)
    month = np.arange(MONTHS)[None, :] - FIRST
    growth = 1 + pace[:, None] * np.clip(month, -HORIZON, HORIZON) / HORIZON
    noise = 1 + NOISE * rng.standard_normal((SIZE, MONTHS))
    return Client("reverse", np.full(SIZE, "sme"), [first, first], level[:, None] * growth * noise)


def confounded(rng: np.random.Generator) -> Client:
    """Enterprises like us more and grow more, whatever they answer."""
    is_large = rng.random(SIZE) < 0.5
    first = np.where(is_large, contributions(rng, SIZE, 0.7), contributions(rng, SIZE, 0.15))
    second = contributions(rng, SIZE)
    revenue = paid(rng, levels(rng, SIZE), first, second, np.where(is_large, 0.3, 0.0))
    return Client("confounded", np.where(is_large, "enterprise", "sme"), [first, second], revenue)


def noisy(rng: np.random.Generator) -> Client:
    """Of what people answer a half is chance; half of them are asked again after forty days. What
    they pay follows what they would say on average."""
    opinion = contributions(rng, SIZE, 1 / 3)

    def asked() -> Array:
        by_chance = rng.choice([-100.0, 0.0, 100.0], SIZE)
        return np.where(rng.random(SIZE) < CHANCE, by_chance, opinion)

    experience = (1 - CHANCE) * opinion
    revenue = paid(rng, levels(rng, SIZE), experience, np.zeros(SIZE))
    retests = np.where(rng.random(SIZE) < 0.5, asked(), np.nan)
    return Client("noisy", np.full(SIZE, "sme"), [asked(), asked()], revenue, retests)


def giant(rng: np.random.Generator) -> Client:
    """One customer with more revenue than all others, a detractor who doubles what it buys."""
    first, second = contributions(rng, SIZE), contributions(rng, SIZE)
    level = levels(rng, SIZE)
    level[0], first[0], second[0] = level.sum() * 1.5, -100.0, -100.0
    drift = np.zeros(SIZE)
    drift[0] = 1.0
    return Client(
        "giant", np.full(SIZE, "sme"), [first, second], paid(rng, level, first, second, drift)
    )


def _datasets(client: Client) -> dict[str, pd.DataFrame]:
    size = client.types.size
    ids = pd.Series([f"{client.name}-{number:04}" for number in range(size)])
    starts = pd.date_range("2021-01-01", periods=MONTHS, freq="MS")
    answers = []
    days = [
        f"{starts[FIRST]:%Y-%m}-05",
        f"{starts[SECOND]:%Y-%m}-05",
        f"{starts[FIRST + 1]:%Y-%m}-14",
    ]
    for number, (day, given) in enumerate(
        zip(days, [*client.answers, client.retests], strict=True)
    ):
        if not given.size:
            continue
        known = ~np.isnan(given)
        answers.append(
            pd.DataFrame(
                {
                    "response_id": ids[known] + f"-{number}",
                    "customer_id": ids[known],
                    "responded_at": f"{day}T09:00:00Z",
                    "score": np.where(given > 0, 10, np.where(given < 0, 3, 7))[known],
                }
            )
        )
    estimated = [starts[FIRST - 7], starts[FIRST + 5]]
    before = client.revenue[:, FIRST - 3 : FIRST].mean(axis=1) * 12
    after = client.revenue[:, FIRST + 1 : FIRST + 13].sum(axis=1)
    wallets = pd.DataFrame(
        {
            "customer_id": [*ids, *ids],
            "as_of": [*[str(estimated[0].date())] * size, *[str(estimated[1].date())] * size],
            "wallet_amount": np.round(np.concatenate([before / 0.5, after / 0.625]), 2),
        }
    )
    return {
        "crm_customers": pd.DataFrame(
            {
                "customer_id": ids,
                "client_id": client.name,
                "customer_type": client.types,
                "acquired_on": "2010-01-01",
            }
        ),
        "survey_responses": pd.concat(answers, ignore_index=True),
        "billing_subscriptions": pd.DataFrame(
            {"subscription_id": ids, "customer_id": ids, "started_on": "2010-01-01"}
        ),
        "billing_invoice_lines": pd.DataFrame(
            {
                "invoice_line_id": [
                    f"{customer}/{month}" for customer in ids for month in range(MONTHS)
                ],
                "customer_id": np.repeat(ids.to_numpy(), MONTHS),
                "invoiced_on": np.tile([f"{start:%Y-%m-%d}" for start in starts], size),
                "line_kind": "recurring",
                "amount": np.round(client.revenue, 2).ravel(),
            }
        ),
        "finance_wallet_estimates": wallets if client.wallet else wallets.head(0),
    }
