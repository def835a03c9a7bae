"""The value of a point, against statsmodels and against derivatives taken customer by customer.

The standard errors are checked by the infinitesimal jackknife: every customer gets a weight, and
the derivative of an estimate in the weight, at 1, is the customer's influence. The derivative is
taken along the imaginary axis, exact to rounding, from the definition of the estimate alone; what a
customer draws each fit to itself comes from the hat matrix of the regression, written out.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm

import worlds
from proofs import first_of
from worlds import Bench, World

Array = npt.NDArray[Any]
Z95 = 1.959963984540054
HORIZON = 36
SEGMENTS = ("client_id", "customer_type", "region", "plan_tier", "tenure_band", "revenue_band")


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Averaged answers of several respondents; several clients and currencies."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def answers(world: World) -> pd.DataFrame:
    """Index answers, first and second ones, in the order of their number."""
    return world.frame(
        "select answers.*, cells.* exclude (customer_cell, standing_cell), "
        "customer_cells.* exclude (customer_cell) from intermediate.int_index_answers as answers "
        "inner join intermediate.int_answer_cells as cells on answers.standing_cell = cells.cell "
        "inner join intermediate.int_customer_cells as customer_cells using (customer_cell) "
        "order by index_number"
    )


@pytest.fixture(scope="module")
def index(answers: pd.DataFrame) -> pd.DataFrame:
    """The first of each customer, from which it is followed."""
    return answers[answers["answer_number"] == 1].reset_index(drop=True)


@pytest.fixture(scope="module")
def both_panels(world: World) -> pd.DataFrame:
    """Index answer × month."""
    return world.frame("select * from intermediate.int_index_panel order by k, index_number")


@pytest.fixture(scope="module")
def panel(both_panels: pd.DataFrame, index: pd.DataFrame) -> pd.DataFrame:
    """Customer × month, after the first answer."""
    return both_panels[both_panels["index_number"].isin(index["index_number"])]


@dataclass
class Estimate:
    """Customers × months 0 … 36 of one segment; `seen` says which months are lived."""

    x: Array
    r: Array
    stratum: Array
    revenue: Array
    retained: Array
    seen: Array

    @property
    def observed(self) -> int:
        """The last month with 30 customers."""
        enough = np.flatnonzero(self.seen.sum(axis=0) >= 30)
        return int(enough[enough > 0].max(initial=0))

    def slope(self, k: int, outcome: Array, w: Array) -> Any:
        """Within strata, weighted by w × r; the outcome is per unit of r."""
        seen = self.seen[:, k]
        r, x, y = w[seen] * self.r[seen], self.x[seen], outcome[seen, k]
        code = self.stratum[seen]

        def within(value: Array) -> Array:
            size = int(self.stratum.max()) + 1
            total = np.zeros(size, dtype=r.dtype)
            weight = np.zeros(size, dtype=r.dtype)
            np.add.at(total, code, r * value)
            np.add.at(weight, code, r)
            centred: Array = value - (total / np.where(weight == 0, 1, weight))[code]
            return centred

        xx, yy = within(x), within(y)
        return (r * xx * yy).sum() / (r * xx * xx).sum()

    def fits(self, w: Array) -> dict[str, list[Any]]:
        """Of every observed month the slope of revenue, that of staying and the revenue of those
        who stayed, and in the first place the placebo, for customers weighted by w."""
        per_r = self.revenue / self.r[:, None]
        months = range(self.observed + 1)
        there = self.retained * self.seen
        left = [(w * there[:, k] * self.revenue[:, k]).sum() for k in months]
        right = [(w * there[:, k] * self.r).sum() for k in months]
        found = {
            "revenue": [self.slope(k, per_r, w) for k in months[1:]],
            "staying": [self.slope(k, self.retained, w) for k in months[1:]],
            "stayed": [a / b for a, b in zip(left[1:], right[1:], strict=True)],
        }
        if self.seen[:, 0].sum() >= 30:
            found["placebo"] = [self.slope(0, per_r, w)]
        return found

    def sums(self, months: dict[str, list[Any]]) -> dict[str, Any]:
        """What is published of these months: their sums over the horizon, and the placebo."""
        last = self.observed
        discount = 1.08 ** (-np.arange(1, HORIZON + 1) / 12)

        def held(values: Any) -> Array:
            tail = sum(values[-3:]) / len(values[-3:])
            return np.array([*values, *[tail] * (HORIZON - last)])

        found = {
            "total": held(months["revenue"]).sum(),
            "churn": held(months["churn"]).sum(),
            "discounted": (held(months["revenue"]) * discount).sum(),
        }
        if "placebo" in months:
            found["placebo"] = months["placebo"][0]
        return found

    def parts(self, w: Array) -> dict[str, Any]:
        """Total, churn part, discounted total and placebo for customers weighted by w."""
        fits = self.fits(w)
        churn = [a * b for a, b in zip(fits["staying"], fits["stayed"], strict=True)]
        return self.sums({**fits, "churn": churn})

    def hat(self, k: int) -> Array:
        """The diagonal of the hat matrix of month k: contribution and strata, weighted by r."""
        seen = self.seen[:, k]
        design = (
            np.column_stack(
                [self.x[seen], pd.get_dummies(self.stratum[seen], dtype=float).to_numpy()]
            )
            * np.sqrt(self.r[seen])[:, None]
        )
        diagonal = np.zeros(len(self.x))
        diagonal[seen] = np.einsum("ij,ji->i", design, np.linalg.pinv(design))
        return diagonal

    def influences(self) -> dict[str, Array]:
        """The influence of every customer on every part, without what it draws to itself."""
        months = range(1, self.observed + 1)
        there = self.retained * self.seen * self.r[:, None]
        hats = {
            "revenue": np.column_stack([self.hat(k) for k in months]),
            "stayed": np.column_stack([there[:, k] / there[:, k].sum() for k in months]),
            "placebo": self.hat(0)[:, None],
        }
        hats["staying"] = hats["revenue"]
        fits = self.fits(np.ones(len(self.x)))
        found = defaultdict(list)
        for customer in range(len(self.x)):
            w = np.ones(len(self.x), dtype=complex)
            w[customer] += 1e-30j
            moves = {}
            for name, values in self.fits(w).items():
                left = 1 - hats[name][customer]
                pull = np.divide(1.0, left, out=np.zeros_like(left), where=left > 1e-9)
                moves[name] = pull * np.array([value.imag / 1e-30 for value in values])
            moves["churn"] = moves["staying"] * np.array(fits["stayed"]) + moves[
                "stayed"
            ] * np.array(fits["staying"])
            for name, value in self.sums(moves).items():
                found[name].append(value)
        return {name: np.array(values) for name, values in found.items()}


def estimate_of(
    index: pd.DataFrame, panel: pd.DataFrame, rows: Array, strata: bool | str
) -> Estimate:
    """The estimate of the index customers chosen by `rows`, within the strata of a column, or
    without any."""
    chosen = index[rows]
    place = pd.Series(np.arange(len(chosen)), index=chosen["index_number"])
    mine = panel[panel["index_number"].isin(chosen["index_number"])]
    at = (place.loc[mine["index_number"]].to_numpy(), mine["k"].to_numpy())
    shape = (len(chosen), HORIZON + 1)
    revenue, retained, seen = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    revenue[at], retained[at], seen[at] = mine["revenue"], mine["is_retained"], True
    column = "stratum" if strata is True else strata
    codes = pd.factorize(chosen[column])[0] if column else np.zeros(len(chosen), dtype=int)
    return Estimate(
        chosen["contribution"].to_numpy(float),
        chosen["monthly_baseline_revenue"].to_numpy(float),
        codes,
        revenue,
        retained,
        seen,
    )


def chosen_rows(index: pd.DataFrame, dimension: str, value: str) -> Array:
    """Which index answers a segment has."""
    if dimension == "all":
        return np.ones(len(index), dtype=bool)
    rows: Array = (index[dimension] == value).to_numpy()
    return rows


def test_every_estimate_by_its_definition(
    world: World, index: pd.DataFrame, panel: pd.DataFrame
) -> None:
    inner = world.frame(
        "select * from intermediate.int_point_estimates "
        "where adjustment in ('adjusted', 'unadjusted')"
    )
    mart = world.frame("select * from marts.revenue_per_point")
    placebo = world.frame("select * from intermediate.int_point_slopes where k = 0")
    placebo = placebo.set_index(["segment_dimension", "segment_value", "adjustment"])
    wanted = {("all", "all")} | {
        (name, str(value)) for name in SEGMENTS for value in index[name].dropna().unique()
    }
    assert set(zip(inner["segment_dimension"], inner["segment_value"], strict=True)) == wanted
    for row in inner.itertuples():
        rows = chosen_rows(index, row.segment_dimension, row.segment_value)
        estimate = estimate_of(index, panel, rows, row.adjustment == "adjusted")
        assert row.observed_months == estimate.observed
        assert row.customers == estimate.seen[:, 1].sum()
        if not row.is_reportable:
            continue
        parts = estimate.parts(np.ones(len(estimate.x)))
        assert row.total == pytest.approx(parts["total"], rel=1e-8)
        assert row.churn == pytest.approx(parts["churn"], rel=1e-8)
        assert row.wallet == pytest.approx(parts["total"] - parts["churn"], rel=1e-8)
        assert row.discounted == pytest.approx(parts["discounted"], rel=1e-8)
        if "placebo" in parts:
            key = (row.segment_dimension, row.segment_value, row.adjustment)
            assert placebo.loc[key, "slope"] == pytest.approx(parts["placebo"], rel=1e-7, abs=1e-12)
        published = mart[
            (mart["segment_dimension"] == row.segment_dimension)
            & (mart["segment_value"] == row.segment_value)
            & (mart["adjustment"] == row.adjustment)
        ]
        for one in published.itertuples():
            base = float(one.monthly_baseline_revenue)
            scale: dict[str, Any] = {"rel": 1e-6, "abs": 0.02}
            error = row.total_standard_error
            assert one.revenue_per_point == pytest.approx(base * row.total, **scale)
            assert one.lower == pytest.approx(base * (row.total - Z95 * error), **scale)
            assert one.upper == pytest.approx(base * (row.total + Z95 * error), **scale)
            both = one.churn_component + one.wallet_component
            assert round(both, 2) == one.revenue_per_point
            assert one.share_of_annual_revenue == pytest.approx(row.total / 12, rel=1e-12)


@pytest.mark.parametrize("adjustment", ["adjusted", "unadjusted"])
def test_standard_errors_by_the_derivative_and_the_hat_matrix(
    world: World, index: pd.DataFrame, panel: pd.DataFrame, adjustment: str
) -> None:
    inner = world.frame(
        "select * from intermediate.int_point_estimates "
        "where adjustment = ? and is_reportable and segment_dimension <> 'all' "
        "order by customers limit 1",
        adjustment,
    )
    for row in inner.itertuples():
        rows = chosen_rows(index, row.segment_dimension, row.segment_value)
        estimate = estimate_of(index, panel, rows, adjustment == "adjusted")
        influence = estimate.influences()

        def error(values: Array) -> float:
            return float(np.sqrt((values**2).sum()))

        assert row.total_standard_error == pytest.approx(error(influence["total"]), rel=1e-8)
        assert row.churn_standard_error == pytest.approx(error(influence["churn"]), rel=1e-8)
        wallet = influence["total"] - influence["churn"]
        assert row.wallet_standard_error == pytest.approx(error(wallet), rel=1e-8)
        discounted = error(influence["discounted"])
        assert row.discounted_standard_error == pytest.approx(discounted, rel=1e-8)
        if "placebo" in influence:
            slope = estimate.parts(np.ones(len(estimate.x)))["placebo"]
            z = slope / error(influence["placebo"])
            assert row.placebo_z == pytest.approx(z, rel=1e-7, abs=1e-9)


def doubtful(
    answers: pd.DataFrame, panel: pd.DataFrame, dimension: str, value: str, adjustment: str
) -> Estimate:
    """The estimate that casts doubt, from whom it is said to be made of."""
    first = answers[answers["answer_number"] == 1]
    if adjustment == "within_customer":
        bands = first.set_index("customer_id")["contribution"]
        second = answers[answers["answer_number"] == 2]
        before = bands.reindex(second["customer_id"]).to_numpy()
        band = np.where(before >= 50, "+", np.where(before <= -50, "-", "0"))
        second = second.assign(started=second["stratum"] + band)
        return estimate_of(second, panel, chosen_rows(second, dimension, value), "started")
    rows = chosen_rows(first, dimension, value)
    if adjustment == "without_top_ten":
        mine = first[rows].sort_values(
            ["monthly_baseline_revenue", "customer_id"], ascending=[False, True]
        )
        rows = rows & ~first["customer_id"].isin(mine["customer_id"].head(10)).to_numpy()
        return estimate_of(first, panel, rows, True)
    kept = ["client_id", "customer_type", "tenure_band", "revenue_band"]
    kept.remove(adjustment.removeprefix("without_"))
    wider = first.assign(wider=first[kept].agg("|".join, axis=1))
    return estimate_of(wider, panel, rows, "wider")


def test_what_casts_doubt_is_the_same_estimate_of_others(
    world: World, answers: pd.DataFrame, both_panels: pd.DataFrame
) -> None:
    """Without the ten largest, of second answers, and with one variable of the strata left out."""
    inner = world.frame(
        "select * from intermediate.int_point_estimates "
        "where adjustment not in ('adjusted', 'unadjusted')"
    )
    assert set(inner["adjustment"]) == {
        *("without_top_ten", "within_customer", "without_client_id", "without_customer_type"),
        *("without_tenure_band", "without_revenue_band"),
    }
    checked = set()
    for row in inner.itertuples():
        name = row.adjustment
        estimate = doubtful(answers, both_panels, row.segment_dimension, row.segment_value, name)
        assert row.observed_months == estimate.observed, name
        if not row.is_reportable:
            continue
        assert row.customers == estimate.seen[:, 1].sum(), name
        parts = estimate.parts(np.ones(len(estimate.x)))
        assert row.total == pytest.approx(parts["total"], rel=1e-8), name
        if row.customers < 400 and name not in checked:
            error = float(np.sqrt((estimate.influences()["total"] ** 2).sum()))
            assert row.total_standard_error == pytest.approx(error, rel=1e-8), name
            checked.add(name)
    assert {"without_top_ten", "within_customer"} <= checked


def test_months_are_those_of_statsmodels_with_hc3(
    world: World, index: pd.DataFrame, panel: pd.DataFrame
) -> None:
    months = world.frame("select * from marts.revenue_per_point_by_month")
    retention = world.frame(
        "select * from intermediate.int_point_slopes where adjustment = 'adjusted'"
    )
    names = ["segment_dimension", "segment_value", "k"]
    months = months.set_index(names)
    retention = retention.set_index(names)
    index = index.set_index("index_number")
    segments = sorted({key[:2] for key in months.index})
    for dimension, value in segments:
        for k in (1, 12, 36) if dimension != "all" else (1, 2, 6, 12, 24, 35, 36):
            row: Any = months.loc[(dimension, value, k)]
            if row["is_projected"]:
                continue
            rows = panel[panel["k"] == k].set_index("index_number")
            rows = rows.join(index[["stratum", *SEGMENTS]])
            if dimension != "all":
                rows = rows[rows[dimension] == value]
            customers = len(rows)
            # Whom its stratum's line passes through whatever it does: no residual, no error.
            rows = rows[rows.groupby("stratum")["contribution"].transform("size") > 1]
            dummies = pd.get_dummies(rows["stratum"], dtype=float).to_numpy()
            design = np.column_stack([rows["contribution"], dummies])
            r = rows["monthly_baseline_revenue"].to_numpy()
            fit = sm.WLS(rows["revenue"].to_numpy() / r, design, weights=r).fit(cov_type="HC3")
            assert row["slope"] == pytest.approx(fit.params[0], rel=1e-8)
            assert row["standard_error"] == pytest.approx(fit.bse[0], rel=1e-8)
            assert row["lower"] == pytest.approx(row["slope"] - Z95 * fit.bse[0], rel=1e-6)
            assert row["customers"] == customers
            stay = sm.WLS(rows["is_retained"].to_numpy(), design, weights=r).fit()
            found = retention.loc[(dimension, value, k), "retention_slope"]
            assert found == pytest.approx(stay.params[0], rel=1e-7, abs=1e-12)


def test_projected_months_are_held_at_the_mean_of_the_last_three(world: World) -> None:
    months = world.frame("select * from marts.revenue_per_point_by_month order by k")
    for _, rows in months.groupby(["segment_dimension", "segment_value"]):
        assert list(rows["k"]) == list(range(1, HORIZON + 1))
        seen = rows[~rows["is_projected"]]
        assert len(seen) + rows["is_projected"].sum() == HORIZON
        held = rows[rows["is_projected"]]["slope"]
        np.testing.assert_allclose(held, seen["slope"].iloc[-3:].mean(), rtol=1e-12)


DIRECTIONS = {
    "detractor_to_passive": (0, 1),
    "passive_to_promoter": (1, 2),
    "detractor_to_promoter": (0, 2),
}


def test_directions_by_the_derivative_in_each_customers_weight(
    world: World, index: pd.DataFrame, panel: pd.DataFrame
) -> None:
    found = world.frame("select * from intermediate.int_direction_estimates")
    mart = world.frame("select * from marts.revenue_per_point_by_direction")
    smallest = world.one(
        "select segment_dimension, segment_value from intermediate.int_point_estimates "
        "where adjustment = 'adjusted' and is_reportable "
        "and segment_dimension in ('all', 'client_id') order by customers, segment_value limit 1"
    )
    dimension, segment = smallest["segment_dimension"], smallest["segment_value"]
    found = found[found["segment_dimension"] == dimension]
    whole = found[found["segment_value"] == segment].set_index("direction")
    mart = mart[(mart["segment_dimension"] == dimension) & (mart["segment_value"] == segment)]
    assert len(whole) == 3
    estimate = estimate_of(index, panel, chosen_rows(index, dimension, segment), True)
    band = np.where(estimate.x >= 50, 2, np.where(estimate.x <= -50, 0, 1))
    last = estimate.observed
    size = int(estimate.stratum.max()) + 1

    def sums(values: Array, rows: Array) -> Array:
        out = np.zeros(size, dtype=values.dtype)
        np.add.at(out, estimate.stratum[rows], values[rows])
        return out

    def per_point(start: int, end: int) -> Callable[[Array, Array], Array]:
        """The slope of every month: one weight for the means of the bands, one for the strata."""

        def value(means: Array, strata: Array) -> Array:
            slopes: list[Any] = []
            for k in range(1, last + 1):
                at = [estimate.seen[:, k] & (band == which) for which in (start, end)]
                r = [sums(means * estimate.r, rows) for rows in at]
                both = (r[0].real > 0) & (r[1].real > 0)
                gaps = [
                    (sums(means * values, at[1]) / np.where(both, r[1], 1))
                    - (sums(means * values, at[0]) / np.where(both, r[0], 1))
                    for values in (estimate.revenue[:, k], estimate.r * estimate.x)
                ]
                weight = np.where(both, sums(strata * estimate.r, at[0]), 0)
                slopes.append((weight * gaps[0]).sum() / (weight * gaps[1]).sum())
            return np.array(slopes)

        return value

    def pull(start: int, end: int) -> Array:
        """One less what every customer draws the mean of its band and stratum to itself."""
        left = np.ones((len(estimate.x), last))
        for k in range(1, last + 1):
            for which in (start, end):
                rows = estimate.seen[:, k] & (band == which)
                own = estimate.r / np.maximum(sums(estimate.r, rows), 1e-300)[estimate.stratum]
                left[rows, k - 1] = 1 - own[rows]
        return np.divide(1.0, left, out=np.zeros_like(left), where=left > 1e-9)

    held = np.ones(last)
    held[-3:] += (HORIZON - last) / 3
    n = len(estimate.x)
    ones = np.ones(n)
    base = world.one(
        "select monthly_baseline_revenue as base from intermediate.int_point_bases "
        "where segment_dimension = ? and segment_value = ? and base = 'active_customers'",
        dimension,
        segment,
    )["base"]
    rng = np.random.default_rng(5)
    for direction, (start, end) in DIRECTIONS.items():
        value, pulls = per_point(start, end), pull(start, end)
        total = held @ value(ones, ones)
        assert whole.loc[direction, "total"] == pytest.approx(total, rel=1e-8)
        row = mart[mart["direction"] == direction].iloc[0]
        if row["is_reportable"]:
            assert row["revenue_per_point"] == pytest.approx(base * total, rel=1e-8, abs=0.006)
            moved = row["revenue_difference"] * row["share_of_base_per_point"]
            assert moved == pytest.approx(total, rel=1e-8)
        # Of a large segment a sample: the sum of squares must agree to its sampling error.
        sample = rng.permutation(n)[: n if n <= 600 else 100]
        squares = []
        for customer in sample:
            w = np.ones(n, dtype=complex)
            w[customer] += 1e-30j
            of_means = value(w, ones).imag / 1e-30
            of_strata = value(ones, w).imag / 1e-30
            squares.append((held @ (pulls[customer] * of_means + of_strata)) ** 2)
        variance = n * np.mean(squares)
        doubt = n * np.std(squares) / np.sqrt(len(squares))
        published = whole.loc[direction, "standard_error"] ** 2
        if len(sample) == n:
            assert published == pytest.approx(variance, rel=1e-7)
        else:
            assert abs(published - variance) < 4 * doubt


def test_with_one_effect_for_everybody_directions_and_slope_agree(
    world: World, panel: pd.DataFrame
) -> None:
    """Revenue planted on the answers there are: a stratum's own, and one effect of a point."""
    bench = Bench(world)
    index = world.frame("select * from intermediate.int_index_answers where answer_number = 1")
    own = pd.factorize(index.set_index("index_number").loc[panel["index_number"], "stratum"])[0]
    planted = panel.copy()
    effect = 0.001 * (1 + panel["k"] / 12)
    planted["revenue"] = panel["monthly_baseline_revenue"] * (
        1 + own / 100 + effect * panel["contribution"]
    )
    bench.give("intermediate.int_index_panel", "select * from planted", planted=planted)
    strata = world.frame("select * from intermediate.int_point_strata")
    bench.give("intermediate.int_point_strata", "select * from strata", strata=strata)
    for model in ("int_point_cell_sums", "int_point_stratum_sums", "int_point_slopes"):
        bench.run(f"intermediate.{model}")
    found = bench.run("intermediate.int_direction_estimates")
    slopes = bench.connection.execute(
        "select segment_dimension, segment_value, sum(weight * slope) as total, "
        "max(observed_months) as months from build.intermediate.int_point_slopes "
        "where adjustment = 'adjusted' group by all"
    ).df()
    both = found.merge(slopes, on=["segment_dimension", "segment_value", "months"])
    assert set(both["direction"]) == set(DIRECTIONS)
    np.testing.assert_allclose(both["total_x"], both["total_y"], rtol=1e-9)
    apart = both["contribution_distance"]
    nearer = apart[both["direction"] != "detractor_to_promoter"]
    assert (nearer <= 100 + 1e-9).all()
    assert np.allclose(both["standard_error"], 0, atol=1e-9)


def test_panel_is_revenue_and_presence_month_by_month(
    world: World, index: pd.DataFrame, panel: pd.DataFrame
) -> None:
    (last,) = world.rows("select last_complete_month from intermediate.int_run_clock")[0]
    revenue = {
        (customer, month.year * 12 + month.month): float(amount)
        for customer, month, amount in world.rows(
            "select customer_id, revenue_month, round(sum(reporting_amount), 2) "
            "from intermediate.int_revenue_recognised group by all"
        )
    }
    spells = defaultdict(list)
    for customer, started, churned in world.rows(
        "select customer_id, started_on, churned_on from intermediate.int_customer_spells"
    ):
        spells[customer].append((started, churned))
    end = last.year * 12 + last.month
    expected = {}
    for row in index.itertuples():
        at = row.index_month.year * 12 + row.index_month.month
        for k in range(1, min(HORIZON, end - at) + 1):
            year, month = divmod(at + k - 1, 12)
            first = last.replace(year=year, month=month + 1, day=1)
            there = any(
                started <= first and (churned is None or first < churned)
                for started, churned in spells[row.customer_id]
            )
            expected[row.index_number, k] = (
                revenue.get((row.customer_id, at + k), 0.0),
                float(there),
            )
        before = [revenue.get((row.customer_id, at - back), 0.0) for back in range(1, 16)]
        history = row.monthly_baseline_revenue * 3
        if abs(sum(before[:3]) - history) > 0.01:
            # Fewer than three months of history: the mean of those there are.
            assert row.monthly_baseline_revenue == pytest.approx(
                sum(before[:3]) / max(1, sum(value != 0 for value in before[:3]))
            )
        if not pd.isna(row.monthly_revenue_a_year_earlier):
            growth = row.monthly_baseline_revenue - sum(before[12:15]) / 3
            expected[row.index_number, 0] = (growth, 1.0)
    found = {
        (row.index_number, row.k): (row.revenue, row.is_retained) for row in panel.itertuples()
    }
    assert found.keys() == expected.keys()
    np.testing.assert_allclose([found[key] for key in expected], list(expected.values()), atol=1e-6)


def test_index_answer_is_the_first_relational_one_while_active(
    world: World, index: pd.DataFrame
) -> None:
    answers = world.frame(
        "select a.customer_id, a.response_id, a.responded_at, a.responded_month, a.contribution, "
        "a.monthly_baseline_revenue > 0 and exists (select 1 from "
        "intermediate.int_customer_spells as s where s.customer_id = a.customer_id "
        "and s.started_on <= a.responded_on "
        "and (s.churned_on is null or s.churned_on > a.responded_on)) as counts "
        "from marts.fct_survey_responses as a where a.survey_kind = 'relational' "
        "and a.score_scale = 'nps_0_10' and a.customer_id is not null"
    )
    first = (
        answers[answers["counts"].fillna(False)]
        .sort_values(["responded_at", "response_id"])
        .drop_duplicates("customer_id")[["customer_id", "responded_month"]]
    )
    same_month = answers.merge(first, on=["customer_id", "responded_month"])
    mean = same_month.groupby("customer_id")["contribution"].mean()
    found = index.set_index("customer_id")["contribution"]
    assert set(found.index) == set(mean.index)
    np.testing.assert_allclose(found, mean.reindex(found.index))
    months = index.set_index("customer_id")["index_month"]
    assert (months == first.set_index("customer_id")["responded_month"].reindex(months.index)).all()
