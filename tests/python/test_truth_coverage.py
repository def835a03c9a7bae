"""Is a 95 % interval right 95 times in a hundred? Many independent small worlds in one build."""

import numpy as np
import pandas as pd
import pytest

import worlds
from worlds import World

pytestmark = pytest.mark.slow  # each world is a build of a hundred clients or more

PARTS = {
    "revenue_per_point": ("lower", "upper", "value"),
    "churn_component": ("churn_component_lower", "churn_component_upper", "churn_component"),
    "wallet_component": ("wallet_component_lower", "wallet_component_upper", "wallet_component"),
}
VALUES = (
    "select * from marts.revenue_per_point where adjustment = 'adjusted' "
    "and base = 'active_customers' and segment_dimension = ?"
)


#: Answers a client: how many clients, so that a build takes a few minutes at most.
SIZES = {220: 600, 420: 400, 1_000: 400}


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> World:
    """100 clients with a planted value."""
    return worlds.coverage(tmp_path_factory)


@pytest.fixture(scope="module", params=SIZES)
def sized(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Many clients of so many answers each."""
    return worlds.coverage(tmp_path_factory, request.param, SIZES[request.param])


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Clients whose scores change nothing."""
    return worlds.nothing(tmp_path_factory)


def planted(world: World, clients: pd.Series, name: str) -> np.ndarray:
    """The truth of each client."""
    return np.array([world.truth["clients"][client][name] for client in clients], dtype=float)


def share_held(world: World, part: str, clients: int) -> float:
    """The share of clients whose interval of a part holds what was planted."""
    lower, upper, name = PARTS[part]
    found = world.frame(VALUES, "client_id")
    assert len(found) >= clients
    assert found["is_reportable"].all()
    truth = planted(world, found["segment_value"], name)
    return float(((found[lower] < truth) & (truth < found[upper])).mean())


@pytest.mark.parametrize("part", PARTS)
def test_intervals_hold_the_truth_nineteen_times_in_twenty(coverage: World, part: str) -> None:
    share = share_held(coverage, part, 100)
    assert 0.90 <= share <= 0.99, share


@pytest.mark.parametrize("part", PARTS)
def test_intervals_hold_the_truth_whatever_the_number_of_answers(sized: World, part: str) -> None:
    share = share_held(sized, part, 200)
    print(f"{sized.folder.name}: {part} {share:.1%}")
    assert 0.93 <= share <= 0.97, share


@pytest.mark.parametrize("part", PARTS)
def test_there_is_no_bias(coverage: World, part: str) -> None:
    lower, upper, name = PARTS[part]
    found = coverage.frame(VALUES, "client_id")
    truth = planted(coverage, found["segment_value"], name)
    error = found[part] - truth
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(len(error))
    assert abs(error.sum() / truth.sum()) < 0.03
    whole = coverage.frame(VALUES, "all").iloc[0]
    assert whole[lower] < coverage.truth["revenue_per_point"][name] < whole[upper]


def test_nothing_is_found_where_nothing_is_planted(nothing: World) -> None:
    found = nothing.frame(VALUES, "client_id")
    significant = (found["lower"] > 0) | (found["upper"] < 0)
    assert significant.mean() <= 0.11, significant.mean()
    whole = nothing.frame(VALUES, "all").iloc[0]
    assert whole["lower"] < 0 < whole["upper"]
    raw = nothing.one(
        "select lower from marts.revenue_per_point where adjustment = 'unadjusted' "
        "and base = 'active_customers' and segment_dimension = 'all'"
    )
    assert raw["lower"] > 0, "without strata the null world shows an effect: that is its trap"
