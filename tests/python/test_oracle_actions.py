"""Effects of actions, against lifelines, statsmodels and scipy and by their definitions."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_chisquare

import worlds
from proofs import first_of
from worlds import World

Z95 = 1.959963984540054
WINDOW = 120
KEY = ["campaign_id", "action_kind", "target_category", "segment_dimension", "segment_value"]


@pytest.fixture(scope="module", params=first_of("campaigns", "carrier"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Many planted campaigns, and the one of the carrier."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def effects(world: World) -> pd.DataFrame:
    """A sample of the rows that compare two arms."""
    found = world.frame(
        "select * from marts.retention_action_effects "
        "where is_reportable and evidence <> 'descriptive' "
        "and (campaign_id not like '%-%' "
        "or campaign_id similar to '(late|chosen)-0?[0-4]|(planted|null)-0[13]7') "
        "and segment_dimension in ('all', 'client_id')"
    )
    assert len(found) > 3
    return found


Arms = dict[tuple[Any, ...], tuple[pd.DataFrame, pd.DataFrame]]


@pytest.fixture(scope="module")
def arms(world: World, effects: pd.DataFrame) -> Arms:
    """The treated and the controls at risk of every row of the sample."""
    members = world.frame(
        "select m.* from intermediate.int_action_members as m where is_at_risk "
        "and campaign_id in (select unnest(?))",
        effects["campaign_id"].unique().tolist(),
    )
    groups = dict(iter(members.groupby(KEY)))
    return {
        key: (rows[rows["is_treated"]], rows[~rows["is_treated"]]) for key, rows in groups.items()
    }


def key_of(row: Any) -> tuple[Any, ...]:
    """The group of a row."""
    return tuple(getattr(row, column) for column in KEY)


def weights_to_treated(treated: pd.DataFrame, control: pd.DataFrame) -> tuple[Any, Any]:
    """1 for a treated with a control in its cell; treated over controls for a control."""
    of_treated, of_control = treated["cell"].value_counts(), control["cell"].value_counts()
    both = of_treated.index.intersection(of_control.index)
    one = treated["cell"].isin(both).astype(float)
    ratio = control["cell"].map((of_treated / of_control).reindex(both)).fillna(0.0)
    return one.to_numpy(), ratio.to_numpy()


def survival(rows: pd.DataFrame, weights: Any) -> tuple[float, float]:
    """Risk within the window and Greenwood's standard error, by lifelines; with weights the
    variance by the effective number at risk."""
    day, churned = rows["days_followed"].to_numpy(), rows["has_churned"].to_numpy()
    known = weights > 0
    day, churned, weights = day[known], churned[known], weights[known]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = KaplanMeierFitter().fit(day, churned, weights=weights)
    variance = 0.0
    for event in np.unique(day[churned & (day <= WINDOW)]):
        at_risk = weights[day >= event]
        hazard = weights[churned & (day == event)].sum() / at_risk.sum()
        variance += hazard / (at_risk.sum() ** 2 / (at_risk**2).sum() * (1 - hazard))
    left = float(fit.predict(WINDOW))
    return 1 - left, left * variance**0.5


def test_risks_are_those_of_lifelines(arms: Arms, effects: pd.DataFrame) -> None:
    for row in effects.itertuples():
        treated, control = arms[key_of(row)]
        ones = np.ones(len(treated)), np.ones(len(control))
        weights = ones if row.evidence == "randomised" else weights_to_treated(treated, control)
        assert (row.treated, row.control) == (len(treated), len(control))
        share = (weights[0] > 0).mean()
        assert row.standardised_share == pytest.approx(share, abs=1e-12)
        for arm, rows, weight in (
            ("treated", treated, weights[0]),
            ("control", control, weights[1]),
        ):
            risk, error = survival(rows, weight)
            assert getattr(row, f"churn_{arm}") == pytest.approx(risk, abs=1e-10)
            found = getattr(row, f"churn_{arm}_standard_error")
            assert found == pytest.approx(error, abs=1e-10)
            raw, _ = survival(rows, np.ones(len(rows)))
            assert getattr(row, f"churn_{arm}_unadjusted") == pytest.approx(raw, abs=1e-10)


def test_uncensored_differences_are_those_of_newcombe_and_the_chi_square(
    arms: Arms, effects: pd.DataFrame
) -> None:
    compared = 0
    for row in effects[effects["evidence"] == "randomised"].itertuples():
        treated, control = arms[key_of(row)]
        both = pd.concat([treated, control])
        if ((both["days_followed"] < WINDOW) & ~both["has_churned"]).any():
            continue
        counts = (row.events_treated, row.treated, row.events_control, row.control)
        low, high = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
        assert row.risk_difference_lower == pytest.approx(low, abs=1e-9)
        assert row.risk_difference_upper == pytest.approx(high, abs=1e-9)
        if row.events_treated + row.events_control:
            _, p, _ = proportions_chisquare(
                np.array(counts[0::2], dtype=float), np.array(counts[1::2], dtype=float)
            )
            assert row.p_value == pytest.approx(p, rel=1e-6, abs=1e-14)
        if row.events_treated and row.events_control:
            low, high = confint_proportions_2indep(*counts, method="log", compare="ratio")
            # Of statsmodels the interval with half an event added; Katz's by its definition.
            a, n, c, m = counts
            error = (1 / a - 1 / n + 1 / c - 1 / m) ** 0.5
            ratio = (a / n) / (c / m)
            assert row.relative_reduction == pytest.approx(1 - ratio, abs=1e-9)
            bounds = 1 - ratio * np.exp(np.array([Z95, -Z95]) * error)
            assert row.relative_reduction_lower == pytest.approx(bounds[0], abs=1e-8)
            assert row.relative_reduction_upper == pytest.approx(bounds[1], abs=1e-8)
            assert 1 - ratio * np.exp(Z95 * error) == pytest.approx(1 - high, abs=0.2)
        compared += 1
    assert compared > 2


def test_censored_differences_are_greenwoods(
    world: World, arms: Arms, effects: pd.DataFrame
) -> None:
    compared = 0
    for row in effects[effects["evidence"] == "randomised"].itertuples():
        treated, control = arms[key_of(row)]
        both = pd.concat([treated, control])
        if not ((both["days_followed"] < WINDOW) & ~both["has_churned"]).any():
            continue
        if not row.churn_treated * row.churn_control:
            continue
        a, a_error = survival(treated, np.ones(len(treated)))
        b, b_error = survival(control, np.ones(len(control)))
        error = np.hypot(a_error, b_error)
        assert row.risk_difference_lower == pytest.approx(a - b - Z95 * error, abs=1e-9)
        assert row.risk_difference_upper == pytest.approx(a - b + Z95 * error, abs=1e-9)
        log_error = np.hypot(a_error / a, b_error / b)
        bounds = 1 - a / b * np.exp(np.array([Z95, -Z95]) * log_error)
        assert row.relative_reduction_lower == pytest.approx(bounds[0], abs=1e-8)
        assert row.relative_reduction_upper == pytest.approx(bounds[1], abs=1e-8)
        compared += 1
    if world.folder.name == "campaigns":
        assert compared > 3


def test_sample_ratios_are_scipys(effects: pd.DataFrame) -> None:
    for row in effects.itertuples():
        share = 0.66667 if row.campaign_id == "two_to_one" else 0.5
        sizes = np.array([row.assigned_treated, row.assigned_control])
        expected = sizes.sum() * np.array([share, 1 - share])
        p = stats.chisquare(sizes, expected, sum_check=False).pvalue
        assert row.sample_ratio_p_value == pytest.approx(p, rel=1e-6, abs=1e-15)


def test_revenue_kept_by_its_definition(world: World, arms: Arms, effects: pd.DataFrame) -> None:
    revenue = {
        (customer, month.year * 12 + month.month): float(amount)
        for customer, month, amount in world.rows(
            "select customer_id, revenue_month, net_revenue from marts.fct_customer_revenue_monthly"
        )
    }
    people = world.frame("select * from intermediate.int_action_participants")
    people = people.set_index(["campaign_id", "customer_id"])
    compared = 0
    for row in effects[effects["revenue_kept"].notna()].head(40).itertuples():
        months = int(row.revenue_months)
        gains, weights = [], []
        followed = [rows[rows["months_followed"] >= months] for rows in arms[key_of(row)]]
        if row.evidence == "randomised":
            weight = np.ones(len(followed[0])), np.ones(len(followed[1]))
        else:
            weight = weights_to_treated(*followed)
        for rows, known in zip(followed, weight, strict=True):
            some = people.loc[[(row.campaign_id, customer) for customer in rows["customer_id"]]]
            values = []
            for (_, customer), person in some.iterrows():
                at = person["assigned_on"].year * 12 + person["assigned_on"].month
                after = sum(revenue.get((customer, at + k), 0.0) for k in range(1, months + 1))
                before = [revenue.get((customer, at - k), 0.0) for k in (1, 2, 3)]
                assert person["monthly_baseline_revenue"] == pytest.approx(np.mean(before))
                values.append(after - months * person["monthly_baseline_revenue"])
            gains.append(np.array(values)[known > 0])
            weights.append(known[known > 0])
        means = [np.average(x, weights=w) for x, w in zip(gains, weights, strict=True)]
        variance = sum(
            (w**2 * (x - m) ** 2).sum() / w.sum() ** 2 * len(x) / (len(x) - 1)
            for x, w, m in zip(gains, weights, means, strict=True)
        )
        kept = row.treated * (means[0] - means[1])
        error = row.treated * variance**0.5
        assert float(row.revenue_kept) == pytest.approx(kept, rel=1e-6, abs=0.02)
        assert float(row.revenue_kept_standard_error) == pytest.approx(error, rel=1e-6, abs=0.02)
        assert float(row.net_value_lower) == pytest.approx(
            kept - Z95 * error - float(row.cost), rel=1e-6, abs=0.02
        )
        compared += 1
    assert compared > 0


def test_costs_are_what_was_spent_on_the_treated(world: World, effects: pd.DataFrame) -> None:
    spent = world.frame(
        "select campaign_id, sum(discount_amount + contact_cost) as cost "
        "from staging.stg_campaigns__assignments where arm = 'treated' group by campaign_id"
    ).set_index("campaign_id")["cost"]
    whole = effects[(effects["segment_dimension"] == "all") & (effects["target_category"] == "all")]
    for row in whole.itertuples():
        assert float(row.cost) == pytest.approx(float(spent[row.campaign_id]))
        net = float(row.revenue_kept) - float(row.cost)
        assert row.return_on_cost == pytest.approx(net / float(row.cost), rel=1e-4)


def test_standardised_differences_by_their_definition(world: World) -> None:
    balance = world.frame(
        "select * from marts.retention_action_balance where target_category = 'all' "
        "and (campaign_id not like '%-%') and segment_dimension in ('all', 'client_id')"
    )
    people = world.frame("select * from intermediate.int_action_participants where is_at_risk")
    people["tenure_days"] = people["tenure_days"].astype(float)
    for key, rows in balance.groupby(["campaign_id", "segment_dimension", "segment_value"]):
        mine = people[people["campaign_id"] == key[0]]
        if key[1] == "client_id":
            mine = mine[mine["client_id"] == key[2]]
        treated, control = mine[mine["is_treated"]], mine[~mine["is_treated"]]
        weights = weights_to_treated(treated, control)
        for row in rows.itertuples():
            values = [
                arm[row.covariate] if row.level == "mean" else arm[row.covariate] == row.level
                for arm in (treated, control)
            ]
            a, b = (value.astype(float).to_numpy() for value in values)
            known_a, known_b = ~np.isnan(a), ~np.isnan(b)
            unit = ((a[known_a].var() + b[known_b].var()) / 2) ** 0.5
            raw = a[known_a].mean() - b[known_b].mean()
            adjusted = np.average(a[known_a], weights=weights[0][known_a]) - np.average(
                b[known_b], weights=weights[1][known_b]
            )
            if unit < 1e-9:
                assert row.standardised_difference == pytest.approx(0, abs=1e-9)
                continue
            assert row.standardised_difference == pytest.approx(raw / unit, abs=1e-6)
            assert row.standardised_difference_adjusted == pytest.approx(adjusted / unit, abs=1e-6)
