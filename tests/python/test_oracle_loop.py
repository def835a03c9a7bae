"""The closed loop and what it brings, row by row in pandas, lifelines and statsmodels."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from statsmodels.stats.proportion import proportion_confint

import worlds
from proofs import first_of
from worlds import World

Z95 = 1.959963984540054
CUSTOMER = ["client_id", "customer_type", "region", "plan_tier"]
CASE = ["owner_team", "root_cause", "corrective_action", "outcome"]


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world with one client, and one with six and with transactional answers."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def answers(world: World) -> pd.DataFrame:
    """All answers."""
    return world.frame(
        "select response_id, customer_id, respondent_id, survey_kind, category, contribution, "
        "score, responded_at, responded_on, client_id, customer_type, region, plan_tier, "
        "service_line, journey_stage, channel, tenure_band, revenue_band, is_nps, "
        "monthly_baseline_revenue from marts.fct_survey_responses"
    )


@pytest.fixture(scope="module")
def as_of(world: World) -> pd.Timestamp:
    """The day after the clock's."""
    (found,) = world.rows("select as_of from intermediate.int_run_clock")[0]
    return pd.Timestamp(found) + pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def cases(world: World, answers: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """All cases with their answers and promises."""
    found = world.frame("select * from staging.stg_support__follow_ups").merge(
        answers, on="response_id", suffixes=("_of_case", "")
    )
    is_detractor = found["category"] == "detractor"
    promise = np.where(is_detractor, 48.0, 120.0)
    promise = np.where(is_detractor & (found["survey_kind"] == "transactional"), 24.0, promise)
    promise = np.where(is_detractor & (found["customer_type"] == "enterprise"), 24.0, promise)
    hours = (found["contacted_at"] - found["responded_at"]).dt.total_seconds() / 3600
    since = (as_of - found["responded_at"]).dt.total_seconds() / 3600
    return found.assign(
        hours=hours,
        is_due=since >= promise,
        is_in_time=(since >= promise) & (hours < promise),
        is_closed=found["closed_at"] < as_of,
    )


def test_performance_by_its_definition(
    world: World, answers: pd.DataFrame, cases: pd.DataFrame, as_of: pd.Timestamp
) -> None:
    mart = world.frame(
        "select * from marts.closed_loop_performance where period_grain = 'all_time'"
    )
    assert len(mart) > 20
    assert (mart["cases"] > 0).any()
    answers = answers.assign(is_followed=answers["response_id"].isin(cases["response_id"]))
    for row in mart.itertuples():
        mine = cases[
            (cases["survey_kind"] == row.survey_kind) & (cases["category"] == row.category)
        ]
        voices = answers[
            (answers["survey_kind"] == row.survey_kind) & (answers["category"] == row.category)
        ]
        if row.segment_dimension != "all":
            columns = row.segment_dimension.split(" × ")
            values = row.segment_value.split(" × ")
            for column, value in zip(columns, values, strict=True):
                mine = mine[mine[column] == value]
                voices = voices[voices[column] == value] if column not in CASE else voices
        is_of_case = row.segment_dimension.split(" × ")[0] in CASE
        assert pd.isna(row.answers) == is_of_case
        if not is_of_case:
            assert row.answers == len(voices)
            assert row.answers_followed_up == voices["is_followed"].sum()
            if len(voices) >= 30:
                low, high = proportion_confint(
                    voices["is_followed"].sum(), len(voices), method="wilson"
                )
                assert row.followed_up_share_lower == pytest.approx(low, abs=1e-9)
                assert row.followed_up_share_upper == pytest.approx(high, abs=1e-9)
        assert row.cases == len(mine)
        assert row.contacted == mine["hours"].notna().sum()
        assert row.cases_due == mine["is_due"].sum()
        assert row.cases_in_time == mine["is_in_time"].sum()
        assert row.closed == mine["is_closed"].sum()
        assert row.open_cases == len(mine) - mine["is_closed"].sum()
        assert row.is_reportable == (row.cases_due >= 30)
        if row.open_cases:
            still = mine[~mine["is_closed"]]["opened_at"].dt.normalize()
            age = (as_of - pd.Timedelta(days=1) - still).dt.days
            assert row.mean_open_days == pytest.approx(age.mean())
            assert row.longest_open_days == age.max()
        if row.is_reportable:
            low, high = proportion_confint(row.cases_in_time, row.cases_due, method="wilson")
            assert row.in_time_share_lower == pytest.approx(low, abs=1e-9)
            assert row.in_time_share_upper == pytest.approx(high, abs=1e-9)
            assert row.median_hours_to_contact == pytest.approx(mine["hours"].median())
            assert row.p90_hours_to_contact == pytest.approx(mine["hours"].quantile(0.9))


def test_months_have_the_cases_of_their_answers(world: World, cases: pd.DataFrame) -> None:
    mart = world.frame(
        "select period_start, sum(cases) as cases from marts.closed_loop_performance "
        "where period_grain = 'month' and segment_dimension = 'all' group by period_start"
    ).set_index("period_start")["cases"]
    expected = cases.groupby(cases["responded_at"].dt.to_period("M").dt.to_timestamp()).size()
    found = mart[mart > 0]
    assert found.to_dict() == expected.to_dict()


@pytest.fixture(scope="module")
def episodes(
    world: World, answers: pd.DataFrame, cases: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """First answers of each category with all that follows, by hand."""
    spells = world.frame("select * from intermediate.int_customer_spells")
    far = pd.Timestamp("2200-01-01")
    spells["until"] = spells["churned_on"].fillna(far)
    known = answers[answers["customer_id"].notna() & answers["is_nps"]]
    known = known.sort_values(["responded_at", "response_id"])
    reached = cases[cases["hours"].notna()].sort_values(["contacted_at", "follow_up_id"])
    reached = reached.drop_duplicates("response_id").set_index("response_id")
    kinds = set(zip(reached["survey_kind"], reached["category"], strict=True))
    first = known.drop_duplicates(["customer_id", "survey_kind", "category"])
    by_person = dict(iter(known.groupby(["customer_id", "respondent_id", "survey_kind"])))
    by_customer = dict(iter(spells.groupby("customer_id")))
    rows = []
    for answer in first.itertuples():
        landmark = pd.Timestamp(answer.responded_on) + pd.Timedelta(days=14)
        if (answer.survey_kind, answer.category) not in kinds or landmark >= as_of:
            continue
        spell = by_customer.get(answer.customer_id)
        if spell is None:
            continue
        spell = spell[(spell["started_on"] <= answer.responded_on) & (spell["until"] > landmark)]
        if spell.empty:
            continue
        later = by_person[answer.customer_id, answer.respondent_id, answer.survey_kind]
        later = later[pd.to_datetime(later["responded_on"]) >= landmark].head(1)
        churned = spell["churned_on"].iloc[0]
        end = as_of - pd.Timedelta(days=1) if pd.isna(churned) else churned
        contact = reached["contacted_at"].get(answer.response_id)
        half = "lower" if answer.score <= 3 else "upper"
        wait = np.nan if later.empty else (later["responded_on"].iloc[0] - answer.responded_on).days
        rows.append(
            {
                **{column: getattr(answer, column) for column in ["response_id", *CUSTOMER]},
                "survey_kind": answer.survey_kind,
                "category": answer.category,
                "is_contacted": contact is not None and contact.normalize() < landmark,
                "stratum": (
                    answer.client_id,
                    answer.customer_type,
                    answer.tenure_band,
                    answer.revenue_band,
                    half if answer.category == "detractor" else "",
                ),
                "wait": np.nan if np.isnan(wait) else float(np.digitize(wait, [182, 548])),
                "change": np.nan
                if later.empty
                else later["contribution"].iloc[0] - answer.contribution,
                "days": (end - landmark).days,
                "churned": not pd.isna(churned),
            }
        )
    return pd.DataFrame(rows)


def test_episodes_are_those_counted_by_hand(world: World, episodes: pd.DataFrame) -> None:
    found = world.frame("select * from intermediate.int_caring_episodes").set_index("response_id")
    expected = episodes.set_index("response_id")
    assert set(found.index) == set(expected.index)
    found = found.reindex(expected.index)
    assert (found["is_contacted"] == expected["is_contacted"]).all()
    np.testing.assert_array_equal(found["change"].astype(float), expected["change"])
    assert (found["days_followed"] == expected["days"]).all()
    assert (found["has_churned"] == expected["churned"]).all()


def weighted(treated: pd.DataFrame, others: pd.DataFrame, by: list[str]) -> tuple[Any, Any]:
    """Those with a counterpart, and the weights of the counterparts."""
    of_treated, of_others = treated.groupby(by).size(), others.groupby(by).size()
    ratio = (of_treated / of_others).dropna()
    cells = pd.MultiIndex.from_frame(others[by]) if len(by) > 1 else pd.Index(others[by[0]])
    mine = pd.MultiIndex.from_frame(treated[by]) if len(by) > 1 else pd.Index(treated[by[0]])
    return mine.isin(ratio.index), ratio.reindex(cells).fillna(0.0).to_numpy()


def test_effects_by_their_definition(world: World, episodes: pd.DataFrame) -> None:
    mart = world.frame("select * from marts.caring_effects where contact_kind = 'all'")
    assert mart["is_reportable"].any()
    for row in mart.itertuples():
        mine = episodes[
            (episodes["survey_kind"] == row.survey_kind) & (episodes["category"] == row.category)
        ]
        if row.segment_dimension != "all":
            mine = mine[mine[row.segment_dimension] == row.segment_value]
        called, others = mine[mine["is_contacted"]], mine[~mine["is_contacted"]]
        assert (row.contacted, row.not_contacted) == (len(called), len(others))
        again, others_again = called.dropna(subset="change"), others.dropna(subset="change")
        assert row.contacted_answered_again == len(again)
        assert row.not_contacted_answered_again == len(others_again)
        has_match, weights = weighted(again, others_again, ["stratum", "wait"])
        assert row.compared_contacted == has_match.sum()
        assert row.compared_not_contacted == (weights > 0).sum()
        if row.is_reportable:
            x, y = again["change"].to_numpy()[has_match], others_again["change"].to_numpy()
            mean, other = x.mean(), np.average(y, weights=weights)
            m = (weights > 0).sum()
            error = np.sqrt(
                x.var(ddof=1) / len(x)
                + m / (m - 1) * (weights**2 * (y - other) ** 2).sum() / weights.sum() ** 2
            )
            assert row.change_observed == pytest.approx(again["change"].mean())
            assert row.points_effect == pytest.approx(mean - other, abs=1e-9)
            assert row.standard_error == pytest.approx(error, abs=1e-8)
            assert row.upper == pytest.approx(mean - other + Z95 * error, abs=1e-7)
            better = (y > 0) if row.category != "promoter" else (y == 0)
            assert row.recovered_not_contacted == pytest.approx(np.average(better, weights=weights))
        if not pd.isna(row.churn_contacted):
            has_match, weights = weighted(called, others, ["stratum"])
            for rows, weight, found in (
                (called, has_match.astype(float), row.churn_contacted),
                (others, weights, row.churn_not_contacted),
            ):
                some = weight > 0
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    fit = KaplanMeierFitter().fit(
                        rows["days"][some], rows["churned"][some], weights=weight[some]
                    )
                assert found == pytest.approx(1 - fit.predict(120), abs=1e-9)


def test_points_become_money_through_the_value_of_a_point(world: World) -> None:
    values = world.frame(
        "select * from marts.revenue_per_point "
        "where adjustment = 'adjusted' and base = 'active_customers'"
    ).set_index(["segment_dimension", "segment_value"])
    respondents = world.frame("select * from intermediate.int_caring_respondents")
    respondents = respondents.set_index(["survey_kind", "segment_dimension", "segment_value"])
    mart = world.frame("select * from marts.caring_effects where is_reportable")
    for row in mart.itertuples():
        segment = (row.segment_dimension, row.segment_value)
        share = row.contacted / respondents.loc[(row.survey_kind, *segment), "respondents"]
        assert row.nps_points == pytest.approx(row.points_effect * share)
        value, error = (
            float(values.loc[segment, name]) for name in ("revenue_per_point", "standard_error")
        )
        if np.isnan(value) or row.survey_kind == "transactional":
            assert pd.isna(row.revenue_of_points)
            continue
        assert float(row.revenue_of_points) == pytest.approx(row.nps_points * value, abs=0.01)
        expected = np.hypot(row.nps_points * error, row.standard_error * share * value)
        found = float(row.revenue_of_points_standard_error)
        assert found == pytest.approx(expected, rel=1e-6, abs=0.01)
