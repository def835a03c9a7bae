"""Being called brings what was planted, and nothing where nothing was, however it looks."""

import pandas as pd
import pytest

import worlds
from worlds import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A hundred and twenty clients."""
    return worlds.carings(tmp_path_factory)


@pytest.fixture(scope="module")
def effects(world: World) -> pd.DataFrame:
    """The detractors of every client, with the truth."""
    found = world.frame(
        "select * from marts.caring_effects where category = 'detractor' "
        "and segment_dimension = 'client_id' and contact_kind = 'all'"
    ).set_index("segment_value")
    assert found["is_reportable"].all()
    truth = pd.DataFrame(world.truth).T
    return found.assign(true_points=truth["points_effect"], true_churn=truth["churn_difference"])


def some(effects: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The clients of one kind."""
    return effects[effects.index.str.startswith(kind)]


@pytest.mark.parametrize("kind", ["planted", "null"])
def test_intervals_hold_the_truth_nineteen_times_in_twenty(
    effects: pd.DataFrame, kind: str
) -> None:
    found = some(effects, kind)
    assert len(found) >= 60
    truth = found["true_points"]
    assert ((found["lower"] < truth) & (truth < found["upper"])).mean() >= 0.9
    truth = found["true_churn"]
    low, high = found["churn_difference_lower"], found["churn_difference_upper"]
    assert ((low < truth) & (truth < high)).mean() >= 0.9


@pytest.mark.parametrize("kind", ["planted", "null"])
def test_there_is_no_bias(effects: pd.DataFrame, kind: str) -> None:
    found = some(effects, kind)
    for estimate, truth in (("points_effect", "true_points"), ("churn_difference", "true_churn")):
        miss = found[estimate] - found[truth]
        assert abs(miss.mean()) < 3 * miss.std() / len(found) ** 0.5, estimate


def test_nothing_is_found_where_nothing_was_planted(effects: pd.DataFrame) -> None:
    found = some(effects, "null")
    assert (found["p_value"] < 0.05).mean() <= 0.12
    excludes = (found["recovered_difference_lower"] > 0) | (found["recovered_difference_upper"] < 0)
    assert excludes.mean() <= 0.12


def test_a_naive_before_and_after_finds_a_wonder(effects: pd.DataFrame, world: World) -> None:
    found = some(effects, "null")
    assert (found["change_observed"] > 40).all(), "the trap: answers recover by themselves"
    assert abs(found["points_effect"].mean()) < 5
    whole = world.one(
        "select * from marts.caring_effects where segment_dimension = 'all' "
        "and category = 'detractor' and contact_kind = 'all'"
    )
    assert whole["change_observed"] > 2 * whole["points_effect"] > 0
    assert whole["change_not_contacted"] > 40


def test_called_against_not_called_as_they_are_is_wrong_too(
    effects: pd.DataFrame, world: World
) -> None:
    """The angrier are called, and asked again sooner; early leavers were never called."""
    raw = world.frame(
        "select is_contacted, avg(change) as change from intermediate.int_caring_members "
        "where segment_dimension = 'client_id' and segment_value like 'null%' "
        "and category = 'detractor' and contact_kind in ('all', 'none') group by is_contacted"
    ).set_index("is_contacted")["change"]
    naive = raw[True] - raw[False]
    adjusted = some(effects, "null")["points_effect"]
    assert naive < adjusted.mean() - 15
    reached = world.one(
        "select avg(case when is_called then gone else 0 end) / avg(case when is_called then 1.0 "
        "else 0 end) as called, avg(case when is_called then 0 else gone end) / "
        "avg(case when is_called then 0 else 1.0 end) as others from ("
        "select c.response_id is not null as is_called, "
        "case when s.churned_on < a.responded_on + 135 then 1.0 else 0.0 end as gone "
        "from marts.fct_survey_responses as a "
        "inner join intermediate.int_customer_spells as s using (customer_id) "
        "left join intermediate.int_loop_cases as c using (response_id) "
        "where a.client_id like 'null%' and a.response_id like 'r%')"
    )
    adjusted = some(effects, "null")["churn_difference"]
    naive = reached["called"] - reached["others"]
    assert naive < adjusted.mean() - 0.02, "the trap: to be called one must still be there"


def test_loops_of_the_simulated_worlds_have_no_effect(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    row = worlds.operator(tmp_path_factory).one(
        "select * from marts.caring_effects where segment_dimension = 'all' "
        "and category = 'detractor' and contact_kind = 'all'"
    )
    assert row["lower"] < 0 < row["upper"]
    assert row["churn_difference_lower"] < 0 < row["churn_difference_upper"]
    assert row["revenue_effect_lower"] < 0 < row["revenue_effect_upper"]
    assert row["change_observed"] > 50
