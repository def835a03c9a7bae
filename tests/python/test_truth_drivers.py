"""Scores that ratings cause, by known slopes: are they found, and do the intervals hold them?"""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

import worlds
from test_oracle_drivers import bench_of

Array = npt.NDArray[np.float64]

SLOPES = {"network": 12.0, "repair": 8.0, "price": 4.0, "colours": 0.0}
CLIENTS = 200
CUSTOMERS = 150
VALUE = 2e6


def ratings_of(draw: np.random.Generator, customer: npt.NDArray[np.int64]) -> Array:
    """Ratings that go together, and more so when the same customer answers again."""
    customers, drivers = int(customer.max()) + 1, len(SLOPES)
    mood = draw.normal(size=customers)[customer]
    opinion = draw.normal(size=(customers, drivers))[customer]
    noise = draw.normal(size=(len(customer), drivers))
    raw = 3.3 + 0.6 * mood[:, None] + 0.5 * opinion + 0.7 * noise
    return np.clip(np.round(raw), 1, 5).astype(float)


def expected_score(ratings: Array) -> Array:
    """Points expected from ratings: a straight line, so that the slopes are the truth."""
    points: Array = 10 + (ratings - 3) @ np.array(list(SLOPES.values()))
    return points


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """nps_drivers of 200 clients of 150 customers who answer twice, errors alike within each."""
    draw = np.random.default_rng(7)
    customer = np.repeat(np.arange(CLIENTS * CUSTOMERS), 2)
    ratings = ratings_of(draw, customer)
    score = expected_score(ratings) / 100
    luck = np.sqrt(0.4) * draw.normal(size=customer.max() + 1)[customer]
    chance = stats.norm.cdf(luck + np.sqrt(0.6) * draw.normal(size=len(customer)))
    promoter, detractor = (0.7 + score) / 2, (0.7 - score) / 2
    assert min(promoter.min(), detractor.min()) >= 0
    answers = pd.DataFrame(
        {
            "response_id": [f"r{row}" for row in range(len(customer))],
            "cluster_id": [f"c{one}" for one in customer],
            "client_id": [f"client_{one // CUSTOMERS:03d}" for one in customer],
            "contribution": np.where(
                chance > 1 - promoter, 100, np.where(chance < detractor, -100, 0)
            ),
            "period_grain": "year",
            "period_start": pd.Timestamp("2024-01-01"),
            "score_scale": "nps_0_10",
            "survey_kind": "relational",
        }
    )
    wide = pd.DataFrame(ratings, columns=list(SLOPES), index=answers["response_id"])
    long = wide.melt(ignore_index=False, var_name="driver", value_name="rating").reset_index()
    bench = bench_of(
        worlds.operator(tmp_path_factory), answers, long.assign(score_scale="stars_1_5")
    )
    return bench.connection.execute("select * from marts.nps_drivers").df()


@pytest.fixture(scope="module")
def clients(found: pd.DataFrame) -> pd.DataFrame:
    """One row per client and driver, with the truth."""
    rows = found[found["segment_dimension"] == "client_id"].copy()
    assert len(rows) == CLIENTS * len(SLOPES)
    assert rows["is_included"].all()
    many = ratings_of(np.random.default_rng(8), np.arange(1_000_000))
    gap = dict(zip(SLOPES, 5 - many.mean(axis=0), strict=True))
    rows["true_slope"] = rows["driver"].map(SLOPES)
    rows["true_points"] = rows["true_slope"] * rows["driver"].map(gap)
    below = dict(zip(SLOPES, (many < 5).mean(axis=0), strict=True))
    rows["true_step"] = rows["true_slope"] * rows["driver"].map(below)
    return rows


def test_slopes_are_found_without_bias(clients: pd.DataFrame) -> None:
    error = (clients["slope"] - clients["true_slope"]).groupby(clients["driver"])
    assert (error.mean().abs() < 3 * error.std() / np.sqrt(CLIENTS)).all(), error.mean()
    assert (error.mean().abs() < 0.6).all(), error.mean()


@pytest.mark.parametrize(
    ("lower", "upper", "truth"),
    [
        ("lower", "upper", "true_slope"),
        ("points_available_lower", "points_available_upper", "true_points"),
        ("points_one_step_better_lower", "points_one_step_better_upper", "true_step"),
    ],
)
def test_intervals_hold_the_truth_nineteen_times_in_twenty(
    clients: pd.DataFrame, lower: str, upper: str, truth: str
) -> None:
    held = (clients[lower] < clients[truth]) & (clients[truth] < clients[upper])
    assert 0.93 <= held.mean() <= 0.97, held.mean()
    by_driver = held.groupby(clients["driver"]).mean()
    assert by_driver.between(0.90, 0.99).all(), by_driver


def test_a_driver_without_effect_is_seldom_significant(clients: pd.DataFrame) -> None:
    idle = clients[clients["driver"] == "colours"]
    assert 0.01 <= (idle["p_value"] < 0.05).mean() <= 0.10


def test_importance_keeps_the_planted_order(found: pd.DataFrame) -> None:
    whole = found[found["segment_dimension"] == "all"].sort_values("importance", ascending=False)
    assert list(whole["driver"]) == list(SLOPES)
    assert whole["importance"].sum() == pytest.approx(1, abs=1e-9)
    assert (whole["lower"] < whole["driver"].map(SLOPES)).all()
    assert (whole["driver"].map(SLOPES) < whole["upper"]).all()


def test_standard_errors_are_the_spread_over_clients(clients: pd.DataFrame) -> None:
    spread = clients.groupby("driver")["slope"].std()
    claimed = clients.groupby("driver")["standard_error"].mean()
    ratio = claimed / spread
    assert 0.94 < ratio.mean() < 1.06, ratio
    assert ratio.between(0.84, 1.16).all(), ratio
