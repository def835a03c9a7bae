"""What loyalty earns and costs, recomputed with pandas and statsmodels from the facts of the core,
and what is planted in initiatives."""

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import worlds
from worlds import World

Z95 = 1.959963984540054


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The business operator, with initiatives one of which lifted the ratings of its driver."""
    return worlds.operator(tmp_path_factory)


def months(values: pd.Series) -> pd.Series:
    """Running numbers of months."""
    dates = pd.to_datetime(values)
    return dates.dt.year * 12 + dates.dt.month - 1


@pytest.fixture(scope="module")
def last(world: World) -> int:
    """The last complete month."""
    (day,) = world.rows("select last_complete_month from intermediate.int_run_clock")[0]
    return int(day.year * 12 + day.month - 1)


@pytest.fixture(scope="module")
def revenue(world: World) -> pd.DataFrame:
    """Customer × month."""
    rows = world.frame(
        "select customer_id, revenue_month, cast(net_revenue as double) as net_revenue "
        "from marts.fct_customer_revenue_monthly"
    )
    return rows.assign(month=months(rows["revenue_month"]))


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of everybody."""
    return frame[frame["segment_dimension"] == "all"]


EARNED = {"referral", "word_of_mouth"}


def test_earned_growth_year_by_year(world: World, revenue: pd.DataFrame, last: int) -> None:
    customers = world.frame(
        "select customer_id, acquisition_source, referred_by_customer_id, customer_since "
        "from marts.dim_customers"
    ).set_index("customer_id")
    since = months(customers["customer_since"])
    earned = customers["acquisition_source"].isin(EARNED)
    earned |= customers["referred_by_customer_id"].notna()
    published = whole(world.frame("select * from marts.earned_growth"))
    published = published.set_index(months(published["year_ends_in"]))
    assert set(published.index) == {last, last - 12, last - 24, last - 36}
    for end, row in published.iterrows():
        ages = (end - revenue["month"]) // 12
        now, before = (
            revenue[ages == age].groupby("customer_id")["net_revenue"].sum() for age in (0, 1)
        )
        both = pd.DataFrame({"now": now, "before": before}).fillna(0.0)
        kept = both["before"] > 0
        new = ~kept & (since[both.index] > end - 24)
        parts = {
            "kept_revenue": both.loc[kept, "now"].sum(),
            "earned_revenue": both.loc[new & earned[both.index], "now"].sum(),
            "bought_revenue": both.loc[new & ~earned[both.index], "now"].sum(),
            "revenue_before": both["before"].sum(),
            "revenue_now": both["now"].sum(),
        }
        for name, value in parts.items():
            assert row[name] == pytest.approx(value, abs=0.02), name
        growth = (parts["kept_revenue"] + parts["earned_revenue"]) / parts["revenue_before"] - 1
        assert row["earned_growth"] == pytest.approx(growth, rel=1e-9)
        assert row["customers_before"] == kept.sum()


def test_regions_add_up_to_everybody(world: World) -> None:
    """To the cent: every euro of a year stands in one region."""
    different = world.rows(
        "select year_ends_in from marts.earned_growth group by year_ends_in having "
        "sum(revenue_now) filter (where segment_dimension = 'region') <> "
        "sum(revenue_now) filter (where segment_dimension = 'all')"
    )
    assert not different


def test_cost_to_serve_month_by_month(world: World, last: int) -> None:
    answers = world.frame(
        "select customer_id, responded_at, response_id, responded_month, category "
        "from marts.fct_survey_responses where survey_kind = 'relational' and is_nps "
        "and not is_repeated and customer_id is not null"
    )
    answers = answers.sort_values(["responded_at", "response_id"])
    answers = answers.assign(month=months(answers["responded_month"]))
    spells = world.frame(
        "select customer_id, started_on, churned_on from intermediate.int_customer_spells"
    )
    contacts = world.frame(
        "select customer_id, cast(opened_at as date) as day, is_fault, is_complaint, "
        "cast(handling_cost as double) as cost from marts.fct_interactions"
    )
    contacts = contacts.assign(month=months(contacts["day"]))
    published = whole(world.frame("select * from marts.cost_to_serve"))
    published = published.assign(number=months(published["month"]))
    for month in (last, last - 17, last - 40):
        first = pd.Timestamp(year=month // 12, month=month % 12 + 1, day=1)
        started = pd.to_datetime(spells["started_on"]) <= first
        there = ~(pd.to_datetime(spells["churned_on"]) <= first)
        active = pd.Index(spells.loc[started & there, "customer_id"]).unique()
        latest = answers[answers["month"] < month].groupby("customer_id")["category"].last()
        category = latest.reindex(active).fillna("none")
        mine = contacts[(contacts["month"] == month) & contacts["customer_id"].isin(active)]
        per = pd.DataFrame(
            {
                "category": category,
                "n": mine.groupby("customer_id").size().reindex(active).fillna(0.0),
                "cost": mine.groupby("customer_id")["cost"].sum().reindex(active).fillna(0.0),
            }
        )
        rows = published[published["number"] == month].set_index("category")
        assert rows["customers"].to_dict() == category.value_counts().to_dict()
        for name, group in per.groupby("category"):
            row = rows.loc[name]
            assert row["interactions"] == group["n"].sum()
            fit = sm.OLS(group["n"].to_numpy(), np.ones(len(group))).fit()
            assert row["interactions_per_customer"] == pytest.approx(fit.params[0])
            assert row["upper"] == pytest.approx(fit.params[0] + Z95 * fit.bse[0])
            cost = sm.OLS(group["cost"].to_numpy(), np.ones(len(group))).fit()
            assert row["cost_per_customer"] == pytest.approx(cost.params[0], abs=0.006)
            upper = cost.params[0] + Z95 * cost.bse[0]
            assert row["cost_per_customer_upper"] == pytest.approx(upper, abs=0.006)


def test_promoters_and_detractors_customer_by_customer(
    world: World, revenue: pd.DataFrame, last: int
) -> None:
    answers = world.frame(
        "select index_number, customer_id, index_month, band from intermediate.int_index_answers "
        "where answer_number = 1"
    )
    answers = answers.assign(month=months(answers["index_month"]))
    paid: dict[str, dict[int, float]] = defaultdict(dict)
    for row in revenue.itertuples():
        paid[str(row.customer_id)][int(row.month)] = float(row.net_revenue)
    contacts = world.frame(
        "select customer_id, cast(opened_at as date) as day, "
        "cast(handling_cost as double) as cost from marts.fct_interactions"
    )
    contacts = contacts.assign(month=months(contacts["day"]))
    costs = contacts.groupby(["customer_id", "month"])["cost"].sum().to_dict()
    people = world.frame(
        "select customer_id, referred_by_customer_id as referrer, customer_since "
        "from marts.dim_customers where referred_by_customer_id is not null"
    )
    people = people.assign(month=months(people["customer_since"]))
    brought: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in people.itertuples():
        brought[str(row.referrer)].append((str(row.customer_id), int(row.month)))

    def of(customer: str, start: int, length: int) -> float:
        return sum(paid[customer].get(start + k, 0.0) for k in range(1, length + 1))

    def figures(row: Any) -> dict[str, float]:
        at, customer = int(row.month), str(row.customer_id)
        won = [(who, joined) for who, joined in brought[customer] if 1 <= joined - at <= 12]
        year = of(customer, at, 12) if at + 12 <= last else np.nan
        cost = sum(costs.get((customer, at + k), 0.0) for k in range(1, 13))
        return {
            "revenue_12_months": year,
            "revenue_36_months": of(customer, at, 36) if at + 36 <= last else np.nan,
            "cost_to_serve_12_months": cost if at + 12 <= last else np.nan,
            "margin_12_months": year - cost,
            "referrals_12_months": float(len(won)) if at + 12 <= last else np.nan,
            "referral_revenue": sum(of(who, joined - 1, 12) for who, joined in won)
            if at + 12 <= last
            else np.nan,
        }

    found = pd.DataFrame([figures(row) for row in answers.itertuples()]).assign(
        band=answers["band"]
    )
    published = whole(world.frame("select * from marts.promoter_economics")).set_index("category")
    assert set(published.index) == {"promoter", "passive", "detractor"}
    for band, group in found.groupby("band"):
        row = published.loc[band]
        assert row["customers"] == len(group)
        for name in set(group) - {"band"}:
            values = group[name].dropna().to_numpy()
            fit = sm.OLS(values, np.ones(len(values))).fit()
            assert row[name] == pytest.approx(fit.params[0], abs=0.006), name
            lower, upper = fit.params[0] + Z95 * fit.bse[0] * np.array([-1, 1])
            assert row[f"{name}_upper"] == pytest.approx(upper, abs=0.011), name
            if "referrals" not in name:
                assert row[f"{name}_lower"] == pytest.approx(lower, abs=0.011), name


def test_revenue_is_safe_at_risk_or_unknown(world: World) -> None:
    customers = world.frame(
        "select latest_category, latest_responded_at, "
        "cast(monthly_baseline_revenue as double) as baseline from marts.dim_customers "
        "where is_active"
    )
    ((as_of,),) = world.rows("select as_of from intermediate.int_run_clock")
    oldest = pd.Timestamp(as_of) - pd.DateOffset(months=24)
    days = pd.to_datetime(customers["latest_responded_at"]).dt.normalize()
    known = customers["latest_category"].where(days > oldest, "unknown").fillna("unknown")
    expected = customers.groupby(known)["baseline"].agg(["size", "sum"])
    published = whole(world.frame("select * from marts.revenue_at_risk")).set_index("category")
    risks = world.frame(
        "select score_group, risk, lower, upper from marts.churn_after_score where gap_days = 0 "
        "and window_days = 365 and adjustment = 'unadjusted' "
        "and score_group_kind in ('category', 'silent')"
    ).set_index("score_group")
    for category, row in published.iterrows():
        assert row["customers"] == expected.loc[category, "size"]
        year = 12 * expected.loc[category, "sum"]
        assert row["annual_revenue"] == pytest.approx(year, abs=0.02)
        risk = risks.loc["silent" if category == "unknown" else category]
        for name, column in (("", "risk"), ("_lower", "lower"), ("_upper", "upper")):
            loss = year * risk[column]
            assert row[f"expected_loss{name}"] == pytest.approx(loss, rel=1e-6)
    assert published["share_of_revenue"].sum() == pytest.approx(1)
    assert published["customers"].sum() == len(customers)


def test_what_initiatives_moved_is_a_regression_with_clusters(world: World) -> None:
    """Difference in differences by statsmodels, clustered by customer."""
    ratings = world.frame(
        "select r.driver, (r.rating - 1) / 4 as value, a.responded_on, "
        "coalesce(a.customer_id, a.voice) as cluster "
        "from staging.stg_survey__driver_ratings as r "
        "inner join marts.fct_survey_responses as a using (response_id) "
        "where a.survey_kind = 'relational' and not a.is_repeated"
    )
    days = pd.to_datetime(ratings["responded_on"])
    published = world.frame(
        "select * from marts.initiative_returns where measured_by = 'driver'"
    ).set_index("initiative_id")
    assert len(published) == 3
    worked_on = set(published["measured"])
    for row in published.itertuples():
        began = pd.Timestamp(row.started_on)
        over = pd.Timestamp(row.ended_on)
        before = (days >= began - pd.DateOffset(months=12)) & (days < began)
        after = (days >= over) & (days < over + pd.DateOffset(months=12))
        others = ~ratings["driver"].isin(worked_on)
        rows = ratings[(before | after) & (others | (ratings["driver"] == row.measured))]
        own = (rows["driver"] == row.measured).to_numpy(float)
        late = after[rows.index].to_numpy(float)
        design = np.column_stack([np.ones(len(rows)), own, late, own * late])
        codes = pd.factorize(rows["cluster"])[0]
        fit = sm.OLS(rows["value"].to_numpy(), design).fit(
            cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}
        )
        groups = len(set(codes))
        assert row.customers == groups
        assert row.change == pytest.approx(fit.params[3], rel=1e-8)
        error = fit.bse[3] * np.sqrt(groups / (groups - 1))
        assert row.change_standard_error == pytest.approx(error, rel=1e-8)


def test_an_initiative_pays_back_and_another_does_not(world: World) -> None:
    found = world.frame(
        "select * from marts.initiative_returns where measured_by = 'driver'"
    ).set_index("initiative_id")
    lifts = world.truth["initiatives"]
    assert lifts == {"i-1": 0.3, "i-2": 0.0, "i-3": 0.0}
    good = found.loc["i-1"]
    # Of stars from 1 to 5; the best rating cannot be lifted, so a little less than planted comes.
    assert good["change_lower"] < 0.9 * lifts["i-1"] / 4 < good["change_upper"]
    assert good["change_lower"] > 0
    assert good["pays_back"]
    assert good["payback_months_lower"] <= good["payback_months"] <= good["payback_months_upper"]
    assert good["net_value"] == pytest.approx(good["revenue"] - good["cost"], abs=0.005)
    assert not found.loc["i-2", "pays_back"]
    for other in ("i-2", "i-3"):
        assert found.loc[other, "revenue_lower"] < found.loc[other, "cost"]
        assert pd.isna(found.loc[other, "payback_months"])


def test_paid_back_is_when_the_months_have_come_to_the_cost(world: World) -> None:
    rows = world.frame("select * from marts.initiative_returns where measured_by = 'driver'")
    slopes = world.frame(
        "select slope from marts.revenue_per_point_by_month where segment_dimension = 'all' "
        "order by k"
    )["slope"].to_numpy()
    shares = np.cumsum(slopes) / slopes.sum()
    drivers = world.frame(
        "select driver, slope, standard_error from marts.nps_drivers where "
        "period_grain = 'all_time' and segment_dimension = 'all'"
    ).set_index("driver")
    value = world.one(worlds.POINT_VALUES + " and segment_dimension = 'all'")
    for row in rows.itertuples():
        slope, error = 4 * drivers.loc[row.measured, ["slope", "standard_error"]]
        points = row.change * slope
        spread = np.hypot(row.change * error, slope * row.change_standard_error)
        assert row.points == pytest.approx(points, rel=1e-9)
        assert row.points_upper == pytest.approx(points + Z95 * spread, rel=1e-9)
        money = points * value["value_of_a_point"]
        margin = Z95 * np.hypot(
            points * value["value_standard_error"], spread * value["value_of_a_point"]
        )
        assert row.revenue == pytest.approx(money, abs=0.01)
        assert row.revenue_lower == pytest.approx(money - margin, abs=0.01)
        for name, amount in (
            ("payback_months", money),
            ("payback_months_lower", money + margin),
            ("payback_months_upper", money - margin),
        ):
            there = np.flatnonzero(amount * shares >= row.cost)
            found = getattr(row, name)
            assert pd.isna(found) if not there.size else found == there[0] + 1
