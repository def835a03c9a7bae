"""Scores with their uncertainty, against statsmodels, scipy and brute force in pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

import worlds
from proofs import first_of
from worlds import World

Z95 = stats.norm.ppf(0.975)
SEGMENT = ["period_grain", "period_start", "survey_kind", "score_scale"]
KEY = [*SEGMENT, "segment_dimension", "segment_value"]
DIMENSIONS = (
    "client_id",
    "customer_type",
    "region",
    "plan_tier",
    "tenure_band",
    "revenue_band",
    "service_line",
    "journey_stage",
    "channel",
)


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Several respondents per customer; several clients with answers after each contact."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


def segmented(rows: pd.DataFrame, dimensions: tuple[str, ...] = DIMENSIONS) -> pd.DataFrame:
    """Rows repeated once per dimension in which they have a value."""
    parts = [rows.assign(segment_dimension="all", segment_value="all")]
    for name in dimensions:
        known = rows[rows[name].notna()]
        parts.append(known.assign(segment_dimension=name, segment_value=known[name]))
    if {"service_line", "customer_type"} <= set(dimensions):
        known = rows[rows["service_line"].notna() & rows["customer_type"].notna()]
        value = known["service_line"] + " × " + known["customer_type"]
        name = "service_line × customer_type"
        parts.append(known.assign(segment_dimension=name, segment_value=value))
    return pd.concat(parts, ignore_index=True)


def answers_of(world: World) -> pd.DataFrame:
    """Accepted answers with whose voice each is."""
    answers = world.frame("select * from marts.fct_survey_responses")
    respondent = answers["customer_id"].fillna("") + "/" + answers["respondent_id"].fillna("")
    relational = respondent.where(answers["respondent_id"].notna(), answers["response_id"])
    contact = answers["interaction_id"].fillna(answers["response_id"])
    answers["voice"] = contact.where(answers["survey_kind"] == "transactional", relational)
    answers["revenue"] = answers["trailing_revenue"].astype(float).fillna(0).clip(lower=0)
    answers["cluster"] = answers["customer_id"].fillna(answers["response_id"])
    return answers


def periods_of(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    """Rows repeated once per period grain."""
    moment = pd.to_datetime(rows[day])
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


def latest(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The latest answer per voice."""
    ordered = rows.sort_values(["responded_at", "response_id"])
    return ordered.drop_duplicates([*by, "voice"], keep="last")


@pytest.fixture(scope="module")
def counted(world: World) -> pd.DataFrame:
    """One answer per voice and period, by segment."""
    return segmented(latest(periods_of(answers_of(world), "responded_at"), SEGMENT))


@pytest.fixture(scope="module")
def mart(world: World) -> pd.DataFrame:
    """nps_by_segment by its key."""
    found = world.frame("select * from marts.nps_by_segment")
    found["period_start"] = pd.to_datetime(found["period_start"])
    return found.set_index(KEY).sort_index()


def same(found: pd.Series, expected: pd.Series, tolerance: float = 1e-9) -> None:
    """Two columns on one index are equal, NULL where NULL."""
    expected = expected.reindex(found.index)
    np.testing.assert_allclose(
        found.astype(float).to_numpy(),
        expected.astype(float).to_numpy(),
        rtol=tolerance,
        atol=tolerance,
    )


def scores(counted: pd.DataFrame) -> pd.DataFrame:
    """Counts, score and variance of each segment by the formulas of the methods."""
    flagged = counted.assign(
        promoter=counted["category"] == "promoter", detractor=counted["category"] == "detractor"
    )
    by = flagged.groupby(KEY)
    found = by.agg(
        responses=("contribution", "size"),
        promoters=("promoter", "sum"),
        detractors=("detractor", "sum"),
        nps=("contribution", "mean"),
        customers=("cluster", "nunique"),
    )
    n, p, d = found["responses"] + 3, found["promoters"] + 0.75, found["detractors"] + 0.75
    found["centre"] = 100 * (p - d) / n
    found["wald"] = 1e4 * ((p + d) / n - ((p - d) / n) ** 2) / n
    residual = flagged["contribution"] - by["contribution"].transform("mean")
    cluster = residual.groupby([flagged[k] for k in [*KEY, "cluster"]]).sum()
    squares = (cluster**2).groupby(level=KEY).sum()
    m = found["customers"]
    found["clustered"] = squares / found["responses"] ** 2 * m / (m - 1).where(m > 1)
    used = (m < found["responses"]) & (found["clustered"] > found["wald"])
    found["variance"] = found["clustered"].where(used, found["wald"])
    found["is_clustered"] = used
    return found


def rests(counted: pd.DataFrame, keys: pd.MultiIndex) -> pd.DataFrame:
    """For each of these segments the answers of its period that are not in it, under its name."""
    by = counted.groupby(KEY)
    columns = ["response_id", "cluster", "category", "contribution"]
    parts = []
    for key in keys:
        whole = by.get_group((*key[:4], "all", "all"))[columns]
        inside = by.get_group(key)["response_id"]
        rest = whole[~whole["response_id"].isin(inside)]
        parts.append(rest.assign(**dict(zip(KEY, key, strict=True))))
    return pd.concat(parts, ignore_index=True)


def test_scores_and_intervals(mart: pd.DataFrame, counted: pd.DataFrame) -> None:
    expected = scores(counted)
    assert set(mart.index) == set(expected.index)
    for column in ("responses", "promoters", "detractors", "customers"):
        same(mart[column], expected[column])
    assert (mart["promoters"] + mart["passives"] + mart["detractors"] == mart["responses"]).all()
    shown = expected["responses"] >= 30
    error = expected["variance"] ** 0.5
    same(mart["nps"], expected["nps"].where(shown))
    same(mart["standard_error"], error.where(shown))
    same(mart["lower"], (expected["centre"] - Z95 * error).clip(lower=-100).where(shown))
    same(mart["upper"], (expected["centre"] + Z95 * error).clip(upper=100).where(shown))
    same(mart["is_clustered"], expected["is_clustered"])


def test_clustered_and_revenue_weighted_errors_are_those_of_statsmodels(
    world: World, mart: pd.DataFrame, counted: pd.DataFrame
) -> None:
    large = [
        (key, rows)
        for key, rows in counted.groupby(KEY)
        if key[0] in ("year", "all_time") and len(rows) >= 30
    ]
    inner = world.frame("select * from intermediate.int_nps_scores")
    inner["period_start"] = pd.to_datetime(inner["period_start"])
    inner = inner.set_index(KEY)
    clustered = 0
    for key, rows in large[::3]:
        found: Any = mart.loc[key]
        codes = pd.factorize(rows["cluster"])[0]
        y = rows["contribution"].to_numpy(dtype=float)
        options = {"cov_type": "cluster", "cov_kwds": {"groups": codes, "use_correction": True}}
        if found["is_clustered"]:
            plain = sm.OLS(y, np.ones(len(y))).fit(**options)
            assert found["standard_error"] == pytest.approx(plain.bse[0], rel=1e-9)
            clustered += 1
        weight = rows["revenue"].to_numpy()
        if weight.sum() == 0:
            continue
        fit = sm.WLS(y, np.ones(len(y)), weights=weight).fit(**options)
        assert found["revenue_weighted_nps"] == pytest.approx(fit.params[0], rel=1e-9, abs=1e-9)
        error = fit.bse[0]
        assert found["revenue_weighted_standard_error"] == pytest.approx(error, rel=1e-7, abs=1e-7)
        lower = max(-100, fit.params[0] - Z95 * error)
        assert found["revenue_weighted_lower"] == pytest.approx(lower, rel=1e-6, abs=1e-6)
        by_customer = pd.Series(weight).groupby(codes).sum()
        kish = by_customer.sum() ** 2 / (by_customer**2).sum()
        assert found["effective_customers"] == pytest.approx(kish, rel=1e-9)
        top = by_customer.nlargest(10).sum() / by_customer.sum()
        assert found["share_of_ten_largest"] == pytest.approx(top, rel=1e-9)
    assert len(large) > 60
    if world.folder.name == "operator":
        assert clustered > 3


def test_changes_and_differences_to_the_rest(mart: pd.DataFrame, counted: pd.DataFrame) -> None:
    expected = scores(counted)
    expected["shown"] = expected["responses"] >= 30
    back = {"month": 1, "quarter": 3, "year": 12}
    keys = expected.index.to_frame(index=False)
    before = keys["period_start"].copy()
    for grain, months in back.items():
        chosen = keys["period_grain"] == grain
        before[chosen] = keys["period_start"][chosen] - pd.DateOffset(months=months)
    before[keys["period_grain"] == "all_time"] = pd.NaT
    previous = expected.reindex(pd.MultiIndex.from_frame(keys.assign(period_start=before)))
    previous.index = expected.index
    both = expected["shown"] & previous["shown"].eq(True)
    z = (expected["centre"] - previous["centre"]) / np.sqrt(
        expected["variance"] + previous["variance"]
    )
    p = pd.Series(2 * stats.norm.sf(z.abs()), index=z.index).where(both)
    same(mart["nps_change"], (expected["nps"] - previous["nps"]).where(both))
    same(mart["p_value"], p, 1e-8)

    whole = expected.xs(("all", "all"), level=["segment_dimension", "segment_value"])
    whole = whole.reindex(expected.index.droplevel(["segment_dimension", "segment_value"]))
    whole.index = expected.index
    n = whole["responses"] - expected["responses"]
    promoters = whole["promoters"] - expected["promoters"]
    detractors = whole["detractors"] - expected["detractors"]
    enough = expected["shown"] & (n >= 30)
    enough &= expected.index.get_level_values("segment_dimension") != "all"
    gap = (expected["nps"] - 100 * (promoters - detractors) / n.where(n > 0)).where(enough)
    others = scores(rests(counted, expected.index[enough])).reindex(expected.index)
    assert others["is_clustered"].eq(True).sum() > 10
    z = (expected["centre"] - others["centre"]) / np.sqrt(expected["variance"] + others["variance"])
    rest = pd.Series(2 * stats.norm.sf(z.abs()), index=z.index).where(enough)
    same(mart["difference_to_rest"], gap)
    same(mart["rest_p_value"], rest, 1e-8)

    families = 0
    for values, column in ((p, "q_value"), (rest, None)):
        for _, family in values.dropna().groupby([*SEGMENT, "segment_dimension"]):
            q = pd.Series(multipletests(family, method="fdr_bh")[1], index=family.index)
            if column:
                same(mart.loc[family.index, column], q, 1e-8)
                same(mart.loc[family.index, "is_significant"], q < 0.05)
            else:
                same(mart.loc[family.index, "is_different_from_rest"], q < 0.05)
            families += 1
    assert families > 100


def test_response_rate_and_revenue_coverage(
    world: World, mart: pd.DataFrame, counted: pd.DataFrame
) -> None:
    invitations = world.frame(
        "select invitation_id, customer_id, survey_kind, channel, sent_at, "
        "date_trunc('month', sent_at) as asked_month from staging.stg_survey__invitations"
    )
    standing = world.frame(
        "select customer_id, asked_month, client_id, customer_type, region, plan_tier, "
        "revenue_band from intermediate.int_customer_standing"
    )
    for frame in (invitations, standing):
        frame["asked_month"] = pd.to_datetime(frame["asked_month"])
    used = world.frame(
        "select distinct invitation_id from marts.fct_survey_responses "
        "where invitation_id is not null"
    )
    sent = invitations.merge(standing, on=["customer_id", "asked_month"], how="left")
    sent["answered"] = sent["invitation_id"].isin(used["invitation_id"])
    dimensions: tuple[str, ...] = ("client_id", "customer_type", "region", "plan_tier")
    dimensions += ("revenue_band", "channel")
    asked = segmented(periods_of(sent, "sent_at"), dimensions)
    without_scale = [name for name in KEY if name != "score_scale"]
    rates = asked.groupby(without_scale)["answered"].agg(["size", "mean"])
    chosen = mart[mart.index.get_level_values("segment_dimension").isin(("all", *dimensions))]
    rates = rates.reindex(chosen.index.droplevel("score_scale"))
    rates.index = chosen.index
    same(chosen["invitations"], rates["size"])
    same(chosen["response_rate"], rates["mean"])

    dimensions = ("client_id", "customer_type", "region", "plan_tier")
    (as_of,) = world.rows("select as_of from intermediate.int_run_clock")[0]
    revenue = world.frame(
        "select r.customer_id, r.revenue_month, cast(r.net_revenue as double) as revenue, "
        "c.client_id, c.customer_type, c.region, c.plan_tier "
        "from marts.fct_customer_revenue_monthly as r "
        "inner join intermediate.int_customer_profiles as c using (customer_id) "
        "where r.revenue_month <= ? and r.net_revenue <> 0",
        as_of,
    )
    earned = segmented(periods_of(revenue, "revenue_month"), dimensions)
    cell = ["period_grain", "period_start", "segment_dimension", "segment_value"]
    total = earned.groupby(cell)["revenue"].sum()
    voices = counted[counted["segment_dimension"] == "all"].dropna(subset=["customer_id"])
    voices = voices[[*SEGMENT, "customer_id"]].drop_duplicates()
    heard = earned.merge(voices, on=["period_grain", "period_start", "customer_id"])
    share = heard.groupby(KEY)["revenue"].sum()
    share = share / total.reindex(share.index.droplevel(["survey_kind", "score_scale"])).to_numpy()
    chosen = mart[mart.index.get_level_values("segment_dimension").isin(("all", *dimensions))]
    same(chosen["revenue_coverage"], share)
    shown = chosen[chosen["is_reportable"]]
    covered = shown["revenue_coverage"]
    same(shown["worst_case_lower"], covered * shown["revenue_weighted_nps"] - 100 * (1 - covered))
    same(shown["worst_case_upper"], covered * shown["revenue_weighted_nps"] + 100 * (1 - covered))


def test_rolling_scores(world: World) -> None:
    answers = answers_of(world)
    answers["day"] = pd.to_datetime(answers["responded_at"]).dt.normalize()
    found = world.frame(
        "select * from marts.nps_rolling where segment_dimension <> 'journey_stage'"
    )
    found["month_end"] = pd.to_datetime(found["month_end"])
    names = ["survey_kind", "score_scale", "segment_dimension", "segment_value"]
    compared = 0
    for month_end in sorted(found["month_end"].unique())[::4]:
        month = pd.Timestamp(month_end)
        window = answers[
            (answers["day"] <= month) & (answers["day"] > month - pd.Timedelta(days=90))
        ]
        one = segmented(latest(window, ["survey_kind", "score_scale"]))
        one = one[one["segment_dimension"] != "journey_stage"]
        by = one.groupby(names)["contribution"].agg(["size", "mean"])
        here = found[found["month_end"] == month].set_index(names).sort_index()
        assert set(here.index) == set(by.index)
        same(here["responses"], by["size"])
        same(here["nps"], by["mean"].where(by["size"] >= 30))
        compared += len(here)
    assert compared > 100
    n, p, d = (
        found[column].astype(float) + extra
        for column, extra in (("responses", 3), ("promoters", 0.75), ("detractors", 0.75))
    )
    error = 100 * np.sqrt(((p + d) / n - ((p - d) / n) ** 2) / n)
    shown = found["is_reportable"]
    same(found["standard_error"], error.where(shown))
    same(found["lower"], (100 * (p - d) / n - Z95 * error).clip(lower=-100).where(shown))
    same(found["upper"], (100 * (p - d) / n + Z95 * error).clip(upper=100).where(shown))
