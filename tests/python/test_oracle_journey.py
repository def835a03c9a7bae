"""The journey marts against brute force in pandas, statsmodels and derivatives by customer."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

import worlds
from proofs import HALF_A_CENT, first_of
from worlds import World

Array = npt.NDArray[Any]
Z95 = stats.norm.ppf(0.975)
KIND = ["survey_kind", "score_scale"]
IMPACT = [*KIND, "segment_dimension", "segment_value", "journey_stage", "exposure"]
CELL = ["period_grain", "period_start", "segment_dimension", "segment_value"]
TOUCHPOINT = ["journey_stage", "channel", "service_line"]
OF_CUSTOMER = ("client_id", "customer_type", "region", "plan_tier")
STRATA = ["client_id", "customer_type", "tenure_band", "revenue_band"]
SLOW = {"delivery": 240, "fault": 24, "dispute": 120}
DAYS = pd.Timedelta(days=90)


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Several respondents per customer; several clients with answers after each contact."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


def segmented(rows: pd.DataFrame, dimensions: tuple[str, ...]) -> pd.DataFrame:
    """Rows repeated once per dimension in which they have a value."""
    parts = [rows.assign(segment_dimension="all", segment_value="all")]
    for name in dimensions:
        known = rows[rows[name].notna()]
        parts.append(known.assign(segment_dimension=name, segment_value=known[name]))
    return pd.concat(parts, ignore_index=True)


def in_periods(rows: pd.DataFrame, moment: pd.Series) -> pd.DataFrame:
    """Rows repeated once per kind of period."""
    starts = {
        "month": moment.dt.to_period("M").dt.start_time,
        "quarter": moment.dt.to_period("Q").dt.start_time,
        "year": moment.dt.to_period("Y").dt.start_time,
        "all_time": pd.Series(pd.Timestamp("1900-01-01"), index=rows.index),
    }
    return pd.concat(
        [rows.assign(period_grain=grain, period_start=start) for grain, start in starts.items()],
        ignore_index=True,
    )


def rolled_up(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Rows repeated for every way to put `all` in the place of some of the names."""
    parts = []
    for mask in range(2 ** len(names)):
        chosen = [name for at, name in enumerate(names) if mask >> at & 1]
        parts.append(rows.assign(**dict.fromkeys(chosen, "all")))
    return pd.concat(parts, ignore_index=True)


def same(
    found: pd.Series, expected: pd.Series, tolerance: float = 1e-9, money: bool = False
) -> None:
    """Two columns on one index are equal, as money to the cent, NULL where NULL."""
    np.testing.assert_allclose(
        found.astype(float).to_numpy(),
        expected.reindex(found.index).astype(float).to_numpy(),
        rtol=tolerance,
        atol=HALF_A_CENT if money else tolerance,
    )


@pytest.fixture(scope="module")
def contacts(world: World) -> pd.DataFrame:
    """Contacts with their marks, each found by looking at all others of its customer."""
    found = world.frame(
        "select i.*, p.client_id, p.customer_type, p.region, p.plan_tier "
        "from marts.fct_interactions as i inner join marts.dim_customers as p using (customer_id)"
    )
    found = found.sort_values(["opened_at", "interaction_id"], ignore_index=True)
    repeats, many, many_of_stage = (np.zeros(len(found), dtype=bool) for _ in range(3))
    for _, rows in found.groupby("customer_id"):
        opened, stage = rows["opened_at"].to_numpy(), rows["journey_stage"].to_numpy()
        for at, row in enumerate(rows.index):
            before = opened[: at + 1]
            alike = stage[: at + 1] == stage[at]
            week = before > opened[at] - np.timedelta64(7, "D")
            quarter = before > opened[at] - np.timedelta64(90, "D")
            repeats[row] = (week & alike).sum() >= 2
            many[row] = quarter.sum() >= 3
            many_of_stage[row] = (quarter & alike).sum() >= 3
    hours = found["journey_stage"].map(SLOW).fillna(48)
    slow_from = found["opened_at"] + pd.to_timedelta(hours, unit="h")
    return found.assign(
        is_repeat=repeats, is_many=many, is_many_of_stage=many_of_stage, slow_from=slow_from
    )


def test_marks_of_contacts(world: World, contacts: pd.DataFrame) -> None:
    found = world.frame("select * from intermediate.int_contacts_marked").set_index(
        "interaction_id"
    )
    expected = contacts.set_index("interaction_id").loc[found.index]
    assert (found["is_repeat"] == expected["is_repeat"]).all()
    assert (found["is_too_many"] == expected["is_many"]).all()
    assert (found["is_too_many_of_the_stage"] == expected["is_many_of_stage"]).all()
    assert (found["slow_from"] == expected["slow_from"]).all()
    assert found["is_repeat"].any()
    assert found["is_too_many_of_the_stage"].any()


@pytest.fixture(scope="module")
def voices(world: World, contacts: pd.DataFrame) -> pd.DataFrame:
    """One answer per customer, survey kind and scale, as the population is defined."""
    answers = world.frame("select * from marts.fct_survey_responses where customer_id is not null")
    transactional = answers["survey_kind"] == "transactional"
    voice = answers["interaction_id"].where(transactional, answers["respondent_id"])
    answers["voice"] = voice.fillna(answers["response_id"])
    answers = answers.sort_values(["responded_at", "response_id"])
    month = [*KIND, "customer_id", "responded_month"]
    answers = answers.drop_duplicates([*month, "voice"], keep="last")
    first = answers["client_id"].map(contacts.groupby("client_id")["opened_at"].min())
    known = (answers["responded_at"] - DAYS >= first) & (
        answers["responded_at"] <= contacts["opened_at"].max()
    )
    answers = answers[known]
    mean = answers.groupby(month)["contribution"].mean().rename("y").reset_index()
    answers = answers.drop_duplicates(month).merge(mean, on=month)
    answers = answers.sort_values("responded_month", kind="stable")
    answers = answers.drop_duplicates([*KIND, "customer_id"], keep="last").reset_index(drop=True)
    answers["stratum"] = answers[STRATA].fillna("unknown").agg("|".join, axis=1)
    return answers


@pytest.fixture(scope="module")
def exposed(voices: pd.DataFrame, contacts: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Whom each exposure reached, by stage: a flag per voice."""
    pairs = voices[["customer_id", "responded_at"]].reset_index().merge(contacts, on="customer_id")
    before = (pairs["opened_at"] < pairs["responded_at"]) & (
        pairs["opened_at"] >= pairs["responded_at"] - DAYS
    )
    pairs = pairs[before]
    still_open = pairs["resolved_at"].isna() | (pairs["resolved_at"] > pairs["slow_from"])
    pairs["slow"] = still_open & (pairs["slow_from"] < pairs["responded_at"])
    pairs["one"] = True
    flags = {}
    for stage, rows in [("all", pairs), *pairs.groupby("journey_stage")]:
        by = rows.groupby("index")
        for name, column in {
            "any_contact": "one",
            "complaint": "is_complaint",
            "fault": "is_fault",
            "slow_resolution": "slow",
            "repeat_contact": "is_repeat",
        }.items():
            flags[str(stage), name] = by[column].any()
        flags[str(stage), "too_many_contacts"] = by.size() >= 3
    full = {key: flag.reindex(voices.index, fill_value=False) for key, flag in flags.items()}
    full["all", "no_contact"] = ~full["all", "any_contact"]
    return full


def standardised(y: Array, e: Array, code: Array, w: Array) -> Any:
    """The standardised difference of customers weighted by w, strata weighing as the exposed."""
    size = int(code.max()) + 1

    def sums(value: Array) -> Array:
        total = np.zeros(size, dtype=w.dtype)
        np.add.at(total, code, value)
        return total

    n1, n0 = sums(w * e), sums(w * ~e)
    ok = (np.bincount(code, e, size) > 0) & (np.bincount(code, ~e, size) >= 2)
    m1 = sums(w * e * y)[ok] / n1[ok]
    m0 = sums(w * ~e * y)[ok] / n0[ok]
    return (n1[ok] * (m1 - m0)).sum() / n1[ok].sum()


def variance_of(y: Array, e: Array, code: Array) -> float:
    """Squared influences, each the derivative of the difference in the customer's weight (exact to
    rounding, along the imaginary axis), with the unbiased variance in place of the plain one."""
    size = int(code.max()) + 1
    n1, n0 = np.bincount(code, e, size), np.bincount(code, ~e, size)
    ok = ((n1 > 0) & (n0 >= 2))[code]
    total = 0.0
    for at in np.flatnonzero(ok):
        w = np.ones(len(y), dtype=complex)
        w[at] += 1e-30j
        influence = standardised(y, e, code, w).imag / 1e-30
        n = (e & ok).sum() if e[at] else n0[code[at]]
        total += influence**2 * n / (n - 1)
    return total


def test_impact_is_the_standardised_difference(
    world: World, voices: pd.DataFrame, exposed: dict[tuple[str, str], pd.Series]
) -> None:
    mart = world.frame("select * from marts.journey_impact").set_index(IMPACT).sort_index()
    dimensions = (*OF_CUSTOMER, "tenure_band", "revenue_band")
    rows = segmented(voices.assign(row=voices.index), dimensions)
    seen = derived = 0
    for segment, group in rows.groupby([*KIND, "segment_dimension", "segment_value"]):
        y = group["y"].to_numpy(float)
        code = pd.factorize(group["stratum"])[0]
        for (stage, exposure), flag in exposed.items():
            e = flag.loc[group["row"]].to_numpy(bool)
            if not e.any():
                assert (*segment, stage, exposure) not in mart.index
                continue
            found = mart.loc[(*segment, stage, exposure)]
            seen += 1
            assert (found["customers"], found["exposed_customers"]) == (len(e), e.sum())
            size = code.max() + 1
            n1, n0 = np.bincount(code, e, size), np.bincount(code, ~e, size)
            ok = ((n1 > 0) & (n0 >= 2))[code]
            assert found["supported_share"] == pytest.approx((e & ok).sum() / e.sum(), abs=1e-12)
            enough = (e & ok).sum() >= 30 and (~e & ok).sum() >= 30
            assert found["is_reportable"] == enough
            if not enough:
                continue
            # Weighted least squares on the flag alone, the unexposed weighted like the exposed.
            weight = np.where(e, 1.0, n1[code] / np.maximum(n0[code], 1))[ok]
            fit = sm.WLS(y[ok], sm.add_constant(e[ok].astype(float)), weight).fit()
            assert found["difference"] == pytest.approx(fit.params[1], abs=1e-9)
            assert found["unexposed_nps"] == pytest.approx(fit.params[0], abs=1e-9)
            raw = y[e].mean() - y[~e].mean()
            assert found["unadjusted_difference"] == pytest.approx(raw, abs=1e-9)
            share = e.mean()
            assert found["points_lost"] == pytest.approx(-share * fit.params[1], abs=1e-9)
            if seen % 3:
                continue
            derived += 1
            variance = variance_of(y, e, code)
            assert found["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-9)
            spread = share**2 * variance + fit.params[1] ** 2 * share * (1 - share) / len(y)
            assert found["points_lost_standard_error"] == pytest.approx(np.sqrt(spread), rel=1e-9)
    assert seen == len(mart)
    assert derived > 10
    shown = mart[mart["is_reportable"]]
    z = shown["difference"] / shown["standard_error"]
    same(shown["p_value"], pd.Series(2 * stats.norm.sf(z.abs()), index=z.index), 1e-8)
    same(shown["lower"], shown["difference"] - Z95 * shown["standard_error"])
    for _, family in shown.groupby([*KIND, "segment_dimension"]):
        q = multipletests(family["p_value"], method="fdr_bh")[1]
        same(family["q_value"], pd.Series(q, index=family.index), 1e-8)


def test_one_stratum_is_welch(world: World, voices: pd.DataFrame) -> None:
    """The variance formula of the oracle itself, where a textbook has the answer."""
    y = voices["y"].to_numpy(float)[:200]
    e = np.arange(200) % 3 == 0
    welch = y[e].var(ddof=1) / e.sum() + y[~e].var(ddof=1) / (~e).sum()
    assert variance_of(y, e, np.zeros(200, dtype=int)) == pytest.approx(welch, rel=1e-9)


def test_revenue_lost(world: World) -> None:
    found = world.frame(
        "select i.*, v.revenue_per_point as worth, v.standard_error as worth_error "
        "from marts.journey_impact as i left join marts.revenue_per_point as v "
        "on i.segment_dimension = v.segment_dimension and i.segment_value = v.segment_value "
        "and v.adjustment = 'adjusted' and v.base = 'active_customers' "
        "and i.survey_kind = 'relational' and i.score_scale = 'nps_0_10'"
    )
    same(found["revenue_lost"], found["points_lost"] * found["worth"], money=True)
    error = np.hypot(
        found["points_lost"] * found["worth_error"],
        found["points_lost_standard_error"] * found["worth"],
    )
    same(found["revenue_lost_standard_error"], error, money=True)
    upper = found["points_lost"] * found["worth"] + Z95 * error
    same(found["revenue_lost_upper"], upper, money=True)
    assert found["revenue_lost"].notna().sum() > 30


def test_touchpoints(world: World) -> None:
    answers = world.frame(
        "select r.*, i.journey_stage as its_stage, i.channel as its_channel, "
        "i.service_line as its_service from marts.fct_survey_responses as r "
        "left join marts.fct_interactions as i using (interaction_id) "
        "where r.survey_kind = 'transactional'"
    )
    mart = world.frame("select * from marts.touchpoint_nps")
    mart["period_start"] = pd.to_datetime(mart["period_start"])
    key = [*CELL, "score_scale", *TOUCHPOINT]
    mart = mart.set_index(key).sort_index()
    if answers.empty:
        assert mart.empty
        return
    for name, other in zip(TOUCHPOINT, ("its_stage", "its_channel", "its_service"), strict=True):
        answers[name] = answers[name].fillna(answers[other]).fillna("unknown")
    answers["voice"] = answers["interaction_id"].fillna(answers["response_id"])
    answers["cluster"] = answers["customer_id"].fillna(answers["response_id"])
    answers = in_periods(answers, pd.to_datetime(answers["responded_at"]))
    answers = answers.sort_values(["responded_at", "response_id"])
    period = ["period_grain", "period_start", "score_scale"]
    answers = answers.drop_duplicates([*period, "voice"], keep="last")
    cells = rolled_up(segmented(answers, OF_CUSTOMER), TOUCHPOINT)
    size = cells.groupby(key)["contribution"].transform("size")
    cells = cells[(size >= 30) | ((cells[TOUCHPOINT] == "all").sum(axis=1) >= 2)].copy()
    cells["promoter"], cells["detractor"] = (cells["contribution"] == y for y in (100, -100))
    by = cells.groupby(key)["contribution"]
    n, nps = by.size(), by.mean()
    p, d = (cells.groupby(key)[name].sum() for name in ("promoter", "detractor"))
    same(mart["responses"], n)
    same(mart["promoters"], p)
    assert len(mart) == len(n)
    m = 100 * (p - d) / (n + 3)
    wald = 1e4 * ((p + d + 1.5) / (n + 3) - (m / 100) ** 2) / (n + 3)
    residual = cells["contribution"] - nps.loc[pd.MultiIndex.from_frame(cells[key])].to_numpy()
    summed = residual.groupby([cells[name] for name in [*key, "cluster"]]).sum()
    by_customer = (summed**2).groupby(level=list(range(len(key))))
    customers = by_customer.size()
    clustered = by_customer.sum() * customers / (customers - 1).clip(lower=1) / n**2
    several = (customers > 1) & (customers < n)
    variance = np.maximum(wald, clustered.where(several, 0))
    same(mart["customers"], customers)
    shown = n >= 30
    same(mart["nps"], nps.where(shown))
    same(mart["standard_error"], np.sqrt(variance).where(shown), 1e-8)
    same(mart["lower"], (m - Z95 * np.sqrt(variance)).clip(lower=-100).where(shown), 1e-8)
    assert mart["is_clustered"].any()
    assert shown.sum() > 50
    latest = cells.groupby(key)["responded_at"].max()
    assert (mart["latest_responded_at"] == latest.reindex(mart.index)).all()
    before = mart.reset_index()
    shift = {"month": 1, "quarter": 3, "year": 12}
    before = before[before["period_grain"] != "all_time"]
    before["period_start"] = [
        start + pd.DateOffset(months=shift[grain])
        for start, grain in zip(before["period_start"], before["period_grain"], strict=True)
    ]
    old = before.set_index(key)["nps"].reindex(mart.index)
    same(mart["nps_change"], mart["nps"] - old)
    assert mart["nps_change"].notna().any()


def test_effort(world: World, contacts: pd.DataFrame) -> None:
    (as_of,) = world.rows("select as_of from intermediate.int_run_clock")[0]
    spells = world.frame(
        "select customer_id, started_on, churned_on from intermediate.int_customer_spells"
    )
    spells["started_on"] = pd.to_datetime(spells["started_on"])
    spells["left_on"] = pd.to_datetime(spells["churned_on"]).fillna(pd.Timestamp("2200-01-01"))
    spells = spells.drop(columns="churned_on")
    customers = world.frame("select * from marts.dim_customers")
    mart = world.frame("select * from marts.contact_effort where period_grain <> 'month'")
    mart["period_start"] = pd.to_datetime(mart["period_start"])
    key = [*CELL, "journey_stage", "channel"]
    mart = mart.set_index(key).sort_index()

    rows = contacts[contacts["opened_at"] < pd.Timestamp(as_of) + pd.Timedelta(days=1)].copy()
    rows["day"] = rows["opened_at"].dt.normalize()
    pairs = rows[["interaction_id", "customer_id", "day"]].merge(spells, on="customer_id")
    inside = pairs[(pairs["day"] >= pairs["started_on"]) & (pairs["day"] < pairs["left_on"])]
    rows["active"] = rows["interaction_id"].isin(inside["interaction_id"])
    took = (rows["resolved_at"] - rows["opened_at"]).dt.total_seconds() / 3600
    rows["hours"], rows["cost"] = took, rows["handling_cost"].astype(float)
    rows = in_periods(rows, rows["day"])
    rows = rows[rows["period_grain"] != "month"]
    stages = rolled_up(segmented(rows, OF_CUSTOMER), ["journey_stage", "channel"])
    stages["many"] = stages["is_many"].where(
        stages["journey_stage"] == "all", stages["is_many_of_stage"]
    )
    by = stages.groupby(key)
    n = by.size()
    assert len(n) == len(mart)
    shown = n >= 30
    same(mart["contacts"], n)
    same(mart["customers"], by["customer_id"].nunique())
    same(mart["repeats"], by["is_repeat"].sum())
    same(mart["too_many"], by["many"].sum())
    same(mart["unresolved"], n - by["hours"].count())
    same(mart["resolution_hours_median"], by["hours"].median().where(shown))
    same(mart["resolution_hours_p90"], by["hours"].quantile(0.9).where(shown))
    same(mart["cost_per_contact"], by["cost"].mean().where(shown), money=True)

    population = segmented(spells.merge(customers, on="customer_id"), OF_CUSTOMER)
    counted = {}
    for grain, start in rows[["period_grain", "period_start"]].drop_duplicates().to_numpy():
        months = {"quarter": 3, "year": 12, "all_time": 3000}[grain]
        end = min(start + pd.DateOffset(months=months), pd.Timestamp(as_of) + pd.Timedelta(days=1))
        here = population[(population["started_on"] < end) & (population["left_on"] > start)]
        for segment, who in here.groupby(["segment_dimension", "segment_value"])["customer_id"]:
            counted[(grain, start, *segment)] = who.nunique()
    active = pd.Series(counted).reindex(mart.index.droplevel(["journey_stage", "channel"]))
    active.index = mart.index
    same(mart["active_customers"], active)
    enough = active >= 30
    mine = stages[stages["active"]].groupby(key)
    same(
        mart["contacts_per_customer"],
        (mine.size().reindex(mart.index, fill_value=0) / active).where(enough),
    )
    some = mine["customer_id"].nunique().reindex(mart.index, fill_value=0)
    same(mart["share_without_contact"], (1 - some / active).where(enough))
    burdened = stages[stages["active"] & stages["many"]].groupby(key)["customer_id"].nunique()
    burdened = burdened.reindex(mart.index, fill_value=0)
    same(mart["share_with_too_many_contacts"], (burdened / active).where(enough))
    assert burdened.sum() > 0
