"""Churn after a score and survival, against lifelines and against the definitions."""

import warnings
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time

import worlds
from proofs import first_of
from worlds import Bench, World

Z95 = 1.959963984540054
FAR = date(9999, 12, 31)
WINDOWS = (30, 60, 90, 120, 180, 365)


@pytest.fixture(scope="module", params=first_of("carrier", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A consumer and a business world."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The consumer world."""
    return worlds.carrier(tmp_path_factory)


def groups(landmarks: pd.DataFrame) -> dict[tuple[int, str, str], pd.DataFrame]:
    """The groups of churn_after_score by gap, kind and name."""
    found = {}
    for (gap, kind), rows in landmarks.groupby(["gap_days", "landmark_kind"]):
        if kind == "silent":
            found[(int(gap), "silent", "silent")] = rows
            continue
        for category, some in rows.groupby("category"):
            found[(int(gap), "category", str(category))] = some
        for score, some in rows.groupby(rows["score"].astype(float).astype(int)):
            found[(int(gap), "score", str(score))] = some
    return found


def fitted(rows: pd.DataFrame, weights: pd.Series | None = None) -> KaplanMeierFitter:
    """Kaplan–Meier of lifelines, with the log(−log) bounds by Greenwood."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return KaplanMeierFitter().fit(
            rows["days_followed"].astype(float), rows["has_churned"], weights=weights
        )


def bounds(fit: KaplanMeierFitter, day: int) -> tuple[float, float]:
    """The interval of the survival on a day."""
    table = fit.confidence_interval_survival_function_
    row = table.loc[table.index <= day].iloc[-1]
    return float(row.iloc[0]), float(row.iloc[1])


def test_unadjusted_risk_and_bounds_are_those_of_lifelines(world: World) -> None:
    mart = world.frame("select * from marts.churn_after_score where adjustment = 'unadjusted'")
    found = mart.set_index(["gap_days", "score_group_kind", "score_group", "window_days"])
    compared = 0
    landmarks = world.frame("select * from intermediate.int_churn_landmarks")
    for (gap, kind, name), rows in groups(landmarks).items():
        fit = fitted(rows)
        for window in WINDOWS:
            row = found.loc[(gap, kind, name, window)]
            assert row["customers"] == len(rows)
            events = int((rows["has_churned"] & (rows["days_followed"] <= window)).sum())
            assert row["events"] == events
            reportable = len(rows) >= 30 and rows["days_followed"].max() >= window
            assert row["is_reportable"] == reportable
            if not reportable:
                assert pd.isna(row["risk"])
                continue
            assert row["risk"] == pytest.approx(1 - fit.predict(window), abs=1e-12)
            if events == 0:
                assert (row["lower"], row["upper"]) == (0, 1 - 0.025 ** (1 / len(rows)))
            else:
                low, high = bounds(fit, window)
                assert row["lower"] == pytest.approx(1 - high, abs=1e-12)
                assert row["upper"] == pytest.approx(1 - low, abs=1e-12)
            compared += 1
    assert compared > 100
    assert len(found) == len(groups(landmarks)) * len(WINDOWS)


def test_adjusted_risk_is_kaplan_meier_weighted_to_the_strata_of_all(world: World) -> None:
    mart = world.frame("select * from marts.churn_after_score where adjustment = 'adjusted'")
    found = mart.set_index(["gap_days", "score_group_kind", "score_group", "window_days"])
    landmarks = world.frame("select * from intermediate.int_churn_landmarks")
    answered = landmarks[landmarks["landmark_kind"] == "answered"]
    for (gap, kind, name), rows in groups(landmarks).items():
        everybody = answered[answered["gap_days"] == gap]["stratum"].value_counts()
        weights = rows["stratum"].map(everybody) / rows["stratum"].map(
            rows["stratum"].value_counts()
        )
        known = weights.notna()
        rows, weights = rows[known], weights[known].astype(float)
        fit = fitted(rows, weights)
        day, weight = rows["days_followed"].to_numpy(), weights.to_numpy()
        churned = rows["has_churned"].to_numpy()
        for window in WINDOWS:
            row = found.loc[(gap, kind, name, window)]
            share = everybody[everybody.index.isin(rows["stratum"])].sum() / everybody.sum()
            assert row["standardised_share"] == pytest.approx(share)
            if not row["is_reportable"]:
                continue
            assert row["risk"] == pytest.approx(1 - fit.predict(window), abs=1e-10)
            variance = 0.0
            for event_day in np.unique(day[churned & (day <= window)]):
                at_risk = weight[day >= event_day]
                hazard = weight[churned & (day == event_day)].sum() / at_risk.sum()
                effective = at_risk.sum() ** 2 / (at_risk**2).sum()
                variance += hazard / (effective * (1 - hazard))
            survival = 1 - row["risk"]
            assert row["standard_error"] == pytest.approx(survival * variance**0.5, abs=1e-12)
            if row["events"]:
                power = np.exp(Z95 * variance**0.5 / abs(np.log(survival)))
                assert row["upper"] == pytest.approx(1 - survival**power, abs=1e-10)
                assert row["lower"] == pytest.approx(1 - survival ** (1 / power), abs=1e-10)


def test_comparisons_with_promoters_follow_from_the_risks(world: World) -> None:
    mart = world.frame("select * from marts.churn_after_score where is_reportable")
    for (_, _, _), rows in mart.groupby(["gap_days", "window_days", "adjustment"]):
        promoter = rows[rows["score_group"] == "promoter"].iloc[0]
        others = rows[(rows["score_group"] != "promoter") & (rows["risk"] > 0)]
        ratio = others["risk"] / promoter["risk"]
        error = np.hypot(
            others["standard_error"] / others["risk"],
            promoter["standard_error"] / promoter["risk"],
        )
        np.testing.assert_allclose(others["risk_ratio"], ratio, rtol=1e-12)
        np.testing.assert_allclose(
            others["risk_ratio_lower"], ratio * np.exp(-Z95 * error), rtol=1e-9
        )
        np.testing.assert_allclose(
            others["risk_ratio_upper"], ratio * np.exp(Z95 * error), rtol=1e-9
        )
        difference = others["risk"] - promoter["risk"]
        wide = Z95 * np.hypot(others["standard_error"], promoter["standard_error"])
        np.testing.assert_allclose(others["risk_difference"], difference, atol=1e-12)
        np.testing.assert_allclose(others["risk_difference_lower"], difference - wide, atol=1e-12)
        np.testing.assert_allclose(others["risk_difference_upper"], difference + wide, atol=1e-12)
        away = np.maximum(ratio, 1 / ratio)
        np.testing.assert_allclose(others["e_value"], away + np.sqrt(away * (away - 1)), rtol=1e-9)
        assert promoter["risk_ratio"] == 1


def spells_of(contracts: list[Any], as_of: date) -> list[tuple[date, date | None]]:
    """When a customer was with us: the definition of churn, one day after the other."""
    found: list[tuple[date, date | None]] = []
    rest = sorted((c for c in contracts if c[0] <= as_of), key=lambda c: (c[0], c[3]))
    while rest:
        spell = [rest.pop(0)]
        while rest and rest[0][0] <= max(c[2] or FAR for c in spell) + (
            timedelta(days=30) if all(c[2] for c in spell) else timedelta()
        ):
            spell.append(rest.pop(0))
        if any(c[2] is None for c in spell):
            open_ones = [c for c in spell if c[2] is None]
            left = None
            if all(c[1] is not None for c in open_ones):
                left = max(c[1] for c in open_ones)
        else:
            last_day = max(c[2] for c in spell)
            enders = [c for c in spell if c[2] == last_day]
            notices = [c[1] for c in enders]
            left = last_day if None in notices else max(notices)
        started = spell[0][0]
        found.append((started, left if left is not None and left <= as_of else None))
    return found


def test_churn_is_the_end_of_the_last_contract(world: World) -> None:
    (as_of,) = world.rows("select as_of from intermediate.int_run_clock")[0]
    contracts = defaultdict(list)
    for customer, *contract in world.rows(
        "select customer_id, started_on, notice_on, ended_on, subscription_id "
        "from staging.stg_billing__subscriptions"
    ):
        contracts[customer].append(tuple(contract))
    expected = {
        (customer, number): spell
        for customer, some in contracts.items()
        for number, spell in enumerate(spells_of(some, as_of), start=1)
    }
    found = {
        (customer, number): (started, churned)
        for customer, number, started, churned in world.rows(
            "select customer_id, spell_number, started_on, churned_on "
            "from intermediate.int_customer_spells"
        )
    }
    keys = expected.keys() | found.keys()
    assert [key for key in keys if found.get(key) != expected.get(key)] == []


def test_landmarks_are_the_first_answer_while_active_and_without_notice(world: World) -> None:
    (as_of,) = world.rows("select as_of from intermediate.int_run_clock")[0]
    spells = defaultdict(list)
    for customer, started, churned in world.rows(
        "select customer_id, started_on, churned_on from intermediate.int_customer_spells"
    ):
        spells[customer].append((started, churned))
    answers = world.rows(
        "select customer_id, cast(responded_at as date), score "
        "from staging.stg_survey__responses where customer_id is not null "
        "and score_scale = 'nps_0_10' order by customer_id, cast(responded_at as date), response_id"
    )
    found = {
        (gap, customer): rest
        for gap, customer, *rest in world.rows(
            "select gap_days, customer_id, landmark_on, score, days_followed, has_churned "
            "from intermediate.int_churn_landmarks where landmark_kind = 'answered'"
        )
    }
    expected: dict[tuple[int, str], list[Any]] = {}
    for gap in (0, 7):
        for customer, responded, score in answers:
            landmark = responded + timedelta(days=gap)
            if (gap, customer) in expected or landmark > as_of:
                continue
            for started, churned in spells[customer]:
                if started <= landmark and (churned is None or churned > landmark):
                    followed = ((churned or as_of) - landmark).days
                    expected[gap, customer] = [landmark, score, followed, churned is not None]
    keys = expected.keys() | found.keys()
    assert [key for key in keys if found.get(key) != expected.get(key)] == []


def test_survival_curves_and_restricted_means_are_those_of_lifelines(world: World) -> None:
    subjects = world.frame("select * from intermediate.int_survival_subjects")
    check_survival(
        subjects,
        world.frame("select * from marts.survival_curves"),
        world.frame("select * from intermediate.int_survival_restricted_means"),
        world.frame("select * from marts.survival_comparisons"),
    )


def check_survival(
    subjects: pd.DataFrame, curves: pd.DataFrame, means: pd.DataFrame, comparisons: pd.DataFrame
) -> None:
    """Every survival figure against lifelines; restricted means also against their integral."""
    areas = means.set_index(["category", "horizon_months"])
    late = bool((subjects["entered_day"] > 0).any())
    for category, rows in subjects.groupby("category"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A subject followed for no day at all is never at risk; lifelines refuses it.
            some = rows[rows["left_day"] > rows["entered_day"]] if late else rows
            fit = KaplanMeierFitter().fit(
                some["left_day"].astype(float),
                some["has_churned"],
                entry=some["entered_day"].astype(float) if late else None,
            )
        curve = curves[(curves["category"] == category) & curves["is_reportable"]]
        assert len(curve)
        on_event = curve[curve["events"] > 0]
        np.testing.assert_allclose(
            curve["survival"], fit.predict(curve["day"]).to_numpy(), atol=1e-12
        )
        table = fit.confidence_interval_survival_function_.loc[on_event["day"].astype(float)]
        inside = (on_event["survival"] > 0).to_numpy()
        for column, name in enumerate(("lower", "upper")):
            np.testing.assert_allclose(
                on_event[name][inside], table.iloc[:, column][inside], atol=1e-12
            )
        for months, days in ((12, 365), (36, 1095)):
            if not areas.loc[(category, months), "is_followed"]:
                continue
            mean = float(areas.loc[(category, months), "restricted_mean_days"])
            expected = restricted_mean_survival_time(fit, t=days)
            assert mean == pytest.approx(float(expected), rel=1e-9)
            grid = np.arange(days)
            lived = fit.predict(grid).to_numpy()
            assert mean == pytest.approx(lived.sum(), rel=1e-9)
            variance = 0.0
            for row in on_event[(on_event["day"] < days) & inside].itertuples():
                area = lived[int(row.day) :].sum()
                if row.at_risk > row.events:
                    variance += area**2 * row.events / (row.at_risk * (row.at_risk - row.events))
            assert areas.loc[(category, months), "variance"] == pytest.approx(variance, rel=1e-9)
    for row in comparisons[comparisons["is_reportable"]].itertuples():
        a = subjects[subjects["category"] == row.category_a]
        b = subjects[subjects["category"] == row.category_b]
        statistic = late_log_rank(a, b)
        assert row.log_rank_statistic == pytest.approx(statistic, rel=1e-9)
        if not late:
            test = logrank_test(a["left_day"], b["left_day"], a["has_churned"], b["has_churned"])
            assert row.log_rank_statistic == pytest.approx(test.test_statistic, rel=1e-9)
            assert row.p_value == pytest.approx(test.p_value, rel=1e-7)


def late_log_rank(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """The log-rank statistic with delayed entry, event day after event day."""
    excess = variance = 0.0
    both = pd.concat([a, b])
    for day in np.unique(both[both["has_churned"]]["left_day"]):

        def at(rows: pd.DataFrame, day: int = day) -> tuple[int, int]:
            entered = (rows["entered_day"] < day) | (rows["entered_day"] == 0)
            risk = int((entered & (rows["left_day"] >= day)).sum())
            return risk, int((rows["has_churned"] & (rows["left_day"] == day)).sum())

        (n1, d1), (n2, d2) = at(a), at(b)
        n, d = n1 + n2, d1 + d2
        excess += d1 - d * n1 / n
        if n > 1:
            variance += d * (n1 / n) * (n2 / n) * (n - d) / (n - 1)
    return excess**2 / variance


@pytest.mark.parametrize("seed", range(4))
def test_survival_with_delayed_entry_and_many_ties(carrier: World, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 400
    entered = np.where(rng.random(size) < 0.5, 0, rng.integers(0, 300, size))
    subjects = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(size)],
            "category": rng.choice(["detractor", "passive", "promoter"], size),
            "entered_day": entered,
            "left_day": entered + 1 + rng.geometric(0.002, size) // 10 * 10,
            "has_churned": rng.random(size) < 0.6,
        }
    )
    # A risk set that is ever empty ends every estimate; keep the first weeks well filled.
    subjects.loc[subjects["left_day"] < 30, "left_day"] += 400
    bench = Bench(carrier)
    bench.give("intermediate.int_survival_subjects", "select * from subjects", subjects=subjects)
    bench.run("intermediate.int_survival_by_day")
    means = bench.run("intermediate.int_survival_restricted_means")
    check_survival(
        subjects,
        bench.run("marts.survival_curves"),
        means,
        bench.run("marts.survival_comparisons"),
    )
