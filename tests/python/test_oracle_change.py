"""What a change is made of, and where it leads: against pandas, statsmodels and derivatives taken
cluster by cluster.

Standard errors are checked by the infinitesimal jackknife: every cluster gets a weight, and the
derivative of a figure in the weight, at 1, is what the cluster does to it. The derivative is taken
along the imaginary axis, exact to rounding, from the definition of the figure alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

import worlds
from proofs import HALF_A_CENT, first_of
from test_oracle_nps import answers_of, latest, periods_of, segmented
from worlds import POINT_VALUES, Bench, World

Array = npt.NDArray[Any]
Z95 = stats.norm.ppf(0.975)
PAIR = ["period_grain", "period_start", "previous_start", "survey_kind", "score_scale"]
SCOPE = [*PAIR, "segment_dimension", "segment_value"]
PEOPLE = ("stayers", "joiners", "leavers", "silent", "anonymous")
ATTRIBUTES = [
    *("client_id", "customer_type", "region", "plan_tier", "tenure_band", "revenue_band"),
    *("service_line", "journey_stage", "channel"),
]
PARTS = [*ATTRIBUTES, "service_line × customer_type"]
CATEGORIES = ("detractor", "passive", "promoter")
CONTRIBUTION = {"detractor": -100, "passive": 0, "promoter": 100}
FAR = pd.Timestamp("2199-12-31")


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Several respondents per customer; several clients with answers after each contact."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The consumer world."""
    return worlds.carrier(tmp_path_factory)


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Compiled models, hand-made relations."""
    return Bench(worlds.operator(tmp_path_factory))


def influence_error(figure: Callable[[Array], Any], clusters: Array) -> float:
    """√Σψ² of a function of the weights of rows; `clusters` says which rows move together."""
    total = 0.0
    for cluster in range(int(clusters.max()) + 1):
        weights = np.ones(len(clusters), dtype=complex)
        weights[clusters == cluster] += 1e-30j
        total += (figure(weights).imag / 1e-30) ** 2
    return float(total**0.5)


def codes_of(rows: pd.DataFrame, columns: list[str]) -> Array:
    """A number per combination of values, NULL being a value."""
    text = rows[columns].astype("string").fillna("\0").agg("\1".join, axis=1)
    return np.asarray(pd.factorize(text)[0])


def bridge_rows(world: World) -> pd.DataFrame:
    """Both sides of every pair of periods, with what each person is, by the definitions."""
    counted = latest(
        periods_of(answers_of(world), "responded_at"),
        ["period_grain", "period_start", "survey_kind", "score_scale"],
    )
    counted = counted[counted["period_grain"].isin(["quarter", "year"])]
    spells = world.frame(
        "select customer_id, started_on, churned_on from intermediate.int_customer_spells"
    )
    spells["started_on"] = pd.to_datetime(spells["started_on"])
    spells["churned_on"] = pd.to_datetime(spells["churned_on"]).fillna(FAR)
    by_customer = dict(list(spells.groupby("customer_id")))
    found = []
    for (grain, _, _), rows in counted.groupby(["period_grain", "survey_kind", "score_scale"]):
        starts = set(rows["period_start"])
        for start in sorted(starts):
            for months in {3, 12} if grain == "quarter" else {12}:
                before = start - pd.DateOffset(months=months)
                if before not in starts:
                    continue
                end = start + pd.DateOffset(months=3 if grain == "quarter" else 12)
                now = rows[rows["period_start"] == start].assign(is_now=1)
                old = rows[rows["period_start"] == before].assign(is_now=0)
                both = set(now["voice"]) & set(old["voice"])
                pair = pd.concat([now, old], ignore_index=True)
                gone = set()
                for customer in old["customer_id"].dropna().unique():
                    known = by_customer.get(customer)
                    known = None if known is None else known[known["started_on"] < end]
                    if known is not None and len(known) and (known["churned_on"] < end).all():
                        gone.add(customer)
                pair["person"] = np.select(
                    [
                        pair["respondent_id"].isna(),
                        pair["voice"].isin(both),
                        pair["is_now"] == 1,
                        pair["customer_id"].isin(gone),
                    ],
                    ["anonymous", "stayers", "joiners", "leavers"],
                    "silent",
                )
                found.append(pair.assign(period_start=start, previous_start=before))
    return pd.concat(found, ignore_index=True)


@pytest.fixture(scope="module")
def rows(world: World) -> pd.DataFrame:
    """Both sides of every pair of periods of a world."""
    return bridge_rows(world)


@pytest.fixture(scope="module")
def bridge(world: World) -> pd.DataFrame:
    """The mart, with its dates as timestamps."""
    found = world.frame("select * from marts.nps_change_bridge")
    for column in ("period_start", "previous_start"):
        found[column] = pd.to_datetime(found[column])
    return found


def mean(y: Array, chosen: Array, w: Array) -> Any:
    """The mean of the chosen rows; None without any."""
    return (w * y)[chosen].sum() / w[chosen].sum() if chosen.any() else None


def segment_effects(y: Array, now: Array, part: Array, w: Array) -> tuple[Any, Any]:
    """Mix and within of one part, by the definition."""
    shares = [w[part & (now == side)].sum() / w[now == side].sum() for side in (0, 1)]
    scores = [mean(y, part & (now == side), w) for side in (0, 1)]
    held = [scores[0] if scores[1] is None else scores[1]]
    held = [held[0] if scores[0] is None else scores[0], held[0]]
    whole = (mean(y, now == 0, w) + mean(y, now == 1, w)) / 2
    mix = (shares[1] - shares[0]) * ((held[0] + held[1]) / 2 - whole)
    return mix, (shares[0] + shares[1]) / 2 * (held[1] - held[0])


def segment_effect(at: int, y: Array, now: Array, part: Array, w: Array) -> Any:
    """One of the two."""
    return segment_effects(y, now, part, w)[at]


def people_effect(y: Array, now: Array, person: Array, kind: str, w: Array) -> Any:
    """The points of one kind of people, by the definition."""
    stayers = person == "stayers"
    if (stayers & (now == 0)).sum() >= 30:
        measure = [mean(y, stayers & (now == side), w) for side in (0, 1)]
    else:
        measure = [(mean(y, now == 0, w) + mean(y, now == 1, w)) / 2] * 2
    points: Any = measure[1] - measure[0] if kind == "stayers" else 0.0
    for side, sign in ((0, -1), (1, 1)):
        chosen = (person == kind) & (now == side)
        if chosen.any():
            share = w[chosen].sum() / w[now == side].sum()
            points = points + sign * share * (mean(y, chosen, w) - measure[side])
    return points


def scopes_of(rows: pd.DataFrame) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Each pair for everybody and for each client, where both sides are there."""
    found = []
    for key, pair in rows.groupby(PAIR):
        found.append(((*key, "all", "all"), pair))
        for client, some in pair.groupby("client_id"):
            if some["is_now"].nunique() == 2:
                found.append(((*key, "client_id", client), some))
    return found


def test_parts_of_a_bridge_are_those_of_the_definition(
    rows: pd.DataFrame, bridge: pd.DataFrame
) -> None:
    found = bridge.set_index([*SCOPE, "part_dimension", "part_value", "effect"]).sort_index()
    compared = 0
    for key, pair in scopes_of(rows):
        y = pair["contribution"].to_numpy(float)
        now = pair["is_now"].to_numpy()
        w = np.ones(len(pair))
        shown = min((now == 0).sum(), (now == 1).sum()) >= 30
        both = pair["service_line"] + " × " + pair["customer_type"]
        for dimension in PARTS:
            if key[5] == "client_id" == dimension:
                continue
            value = (both if "×" in dimension else pair[dimension]).fillna("(none)").to_numpy(str)
            if set(value) == {"(none)"}:
                assert (*key, dimension) not in found.index.droplevel([8, 9])
                continue
            for part in set(value):
                for effect, points in zip(
                    ("mix", "within"), segment_effects(y, now, value == part, w), strict=True
                ):
                    row: Any = found.loc[(*key, dimension, part, effect)]
                    assert row["is_reportable"] == shown
                    assert row["responses_before"] == ((value == part) & (now == 0)).sum()
                    assert row["responses_now"] == ((value == part) & (now == 1)).sum()
                    if shown:
                        assert row["points"] == pytest.approx(points, abs=1e-9)
                        compared += 1
        if key[3] != "relational":
            continue
        person = pair["person"].to_numpy(str)
        for kind in PEOPLE:
            row = found.loc[(*key, "people", kind, "people")]
            assert row["responses_before"] == ((person == kind) & (now == 0)).sum()
            assert row["responses_now"] == ((person == kind) & (now == 1)).sum()
            if shown:
                points = people_effect(y, now, person, kind, w)
                assert row["points"] == pytest.approx(points, abs=1e-9)
                compared += 1
    assert compared > 500


def test_errors_of_a_bridge_are_the_influence_of_each_customer(
    rows: pd.DataFrame, bridge: pd.DataFrame
) -> None:
    sure = bridge[bridge["standard_error"].notna()]
    sample = sure.groupby(["part_dimension", "effect"]).sample(2, random_state=5)
    scopes = dict(scopes_of(rows))
    for row in sample.itertuples():
        pair = scopes[tuple(getattr(row, name) for name in SCOPE)]
        y = pair["contribution"].to_numpy(float)
        now = pair["is_now"].to_numpy()
        if row.effect == "people":
            person, kind = pair["person"].to_numpy(str), str(row.part_value)
            error = influence_error(
                partial(people_effect, y, now, person, kind),
                codes_of(pair, ["cluster"]),
            )
        else:
            name = str(row.part_dimension)
            both = pair["service_line"] + " × " + pair["customer_type"]
            value = (both if "×" in name else pair[name]).fillna("(none)").to_numpy(str)
            at = ("mix", "within").index(str(row.effect))
            error = influence_error(
                partial(segment_effect, at, y, now, value == row.part_value),
                codes_of(pair, ["cluster", *ATTRIBUTES]),
            )
        assert row.standard_error == pytest.approx(error, rel=1e-7, abs=1e-9)
        assert row.lower == pytest.approx(row.points - Z95 * error, abs=1e-6)
        assert row.upper == pytest.approx(row.points + Z95 * error, abs=1e-6)


def counted_answers(
    generator: np.random.Generator, persons: int, segments: int, periods: int
) -> pd.DataFrame:
    """Random counted answers: people come and go, some segments are empty in some periods."""
    parts = []
    regions = np.array([f"s{n}" for n in range(segments)] + [None], dtype=object)
    for period in range(periods):
        size = int(generator.integers(1, persons))
        person = generator.choice(persons, size, replace=False)
        allowed = generator.random(segments + 1) < 0.6
        allowed[person % (segments + 1)] |= generator.random() < 0.9
        chosen = person[allowed[person % (segments + 1)]]
        if len(chosen) == 0:
            chosen = person[:1]
        parts.append(
            pd.DataFrame(
                {
                    "period_grain": "quarter",
                    "period_start": (pd.Timestamp("2024-01-01") + pd.DateOffset(months=3 * period)),
                    "survey_kind": "relational",
                    "score_scale": "nps_0_10",
                    "response_id": [f"{period}-{p}" for p in chosen],
                    "cluster_id": [f"c{p // 2}" for p in chosen],
                    "customer_id": [f"c{p // 2}" for p in chosen],
                    "respondent_id": [None if p % 7 == 0 else f"p{p}" for p in chosen],
                    "counted_as": [
                        f"{period}-{p}" if p % 7 == 0 else f"c{p // 2}/p{p}" for p in chosen
                    ],
                    "contribution": generator.choice([-100, 0, 100], len(chosen)),
                    "client_id": "own",
                    "region": regions[chosen % (segments + 1)],
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    for column in ATTRIBUTES:
        if column not in frame:
            frame[column] = None
            frame[column] = frame[column].astype("string")
    return frame


def give_spells(bench: Bench, customers: int, generator: np.random.Generator) -> None:
    """Half of the customers leave on a random day."""
    ends = pd.Timestamp("2024-01-01") + pd.to_timedelta(generator.integers(0, 900, customers), "D")
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(customers)],
            "started_on": pd.Timestamp("2020-01-01"),
            "churned_on": pd.Series(ends).where(generator.random(customers) < 0.5),
        }
    )
    bench.give(
        "intermediate.int_customer_spells",
        "select customer_id, cast(started_on as date) as started_on, "
        "cast(churned_on as date) as churned_on from spells",
        spells=frame,
    )


@pytest.mark.parametrize("seed", range(25))
def test_every_bridge_closes_whoever_answers(bench: Bench, seed: int) -> None:
    generator = np.random.default_rng(seed)
    persons = int(generator.choice([2, 20, 200]))
    frame = counted_answers(generator, persons, int(generator.choice([1, 5, 40])), 6)
    bench.give(
        "intermediate.int_nps_counted_answers",
        "select * replace (cast(period_start as date) as period_start) from answers",
        answers=bench.give_cells(frame),
    )
    give_spells(bench, persons, generator)
    for model in ("int_bridge_answers", "int_bridge_part_sums", "int_bridge_people_sums"):
        bench.run(f"intermediate.{model}")
    scores = frame.groupby("period_start")["contribution"].mean()
    closed = 0
    for model, by in (
        ("int_bridge_segment_effects", ["part_dimension"]),
        ("int_bridge_people_effects", []),
    ):
        effects = bench.run(f"intermediate.{model}")
        assert (effects["variance"] >= 0).all()
        for key, some in effects.groupby([*SCOPE, *by]):
            change = scores[pd.Timestamp(key[1])] - scores[pd.Timestamp(key[2])]
            assert some["points"].sum() == pytest.approx(change, abs=1e-9)
            closed += 1
    assert closed >= 5


def test_intervals_of_a_bridge_hold_what_is_true(bench: Bench) -> None:
    """400 clients, two segments whose shares and scores move, the same people asked twice."""
    generator = np.random.default_rng(11)
    clients, persons = 400, 300
    frames = []
    for period, (share, chances) in enumerate(
        ((0.5, {"a": (0.2, 0.5), "b": (0.4, 0.3)}), (0.6, {"a": (0.15, 0.6), "b": (0.4, 0.35)}))
    ):
        quantile = np.random.default_rng(3).random((clients, persons))
        fresh = generator.random((clients, persons))
        quantile = np.where(generator.random((clients, persons)) < 0.5, quantile, fresh)
        region = np.where(np.random.default_rng(4).random((clients, persons)) < share, "a", "b")
        detractor = np.vectorize(lambda r, c=chances: c[r][0])(region)
        promoter = np.vectorize(lambda r, c=chances: c[r][1])(region)
        y = np.where(quantile < detractor, -100, np.where(quantile > 1 - promoter, 100, 0))
        client, person = np.indices((clients, persons))
        frames.append(
            pd.DataFrame(
                {
                    "is_now": period,
                    "client_id": np.char.add("x", client.ravel().astype(str)),
                    "cluster_id": (client * persons + person).ravel().astype(str),
                    "contribution": y.ravel().astype(float),
                    "region": region.ravel(),
                }
            )
        )
    frame = bench.give_cells(pd.concat(frames, ignore_index=True))
    bench.give(
        "intermediate.int_bridge_answers",
        "select 'year' as period_grain, date '2024-01-01' as period_start, "
        "date '2023-01-01' as previous_start, 'relational' as survey_kind, "
        "'nps_0_10' as score_scale, 'stayers' as person_kind, answers.* from answers",
        answers=frame,
    )
    bench.run("intermediate.int_bridge_part_sums")
    bench.run("intermediate.int_bridge_people_sums")
    effects = bench.run("intermediate.int_bridge_segment_effects")
    people = bench.run("intermediate.int_bridge_people_effects")
    n = {("a", 0): 30, ("b", 0): -10, ("a", 1): 45, ("b", 1): -5}
    w = {("a", 0): 0.5, ("b", 0): 0.5, ("a", 1): 0.6, ("b", 1): 0.4}
    whole = [sum(w[s, t] * n[s, t] for s in "ab") for t in (0, 1)]
    for part in "ab":
        shift, rise = w[part, 1] - w[part, 0], n[part, 1] - n[part, 0]
        truth = {
            "mix": shift * (n[part, 0] + n[part, 1] - sum(whole)) / 2,
            "within": (w[part, 0] + w[part, 1]) / 2 * rise,
        }
        for effect, value in truth.items():
            some = effects[
                (effects["segment_dimension"] == "client_id")
                & (effects["part_dimension"] == "region")
                & (effects["part_value"] == part)
                & (effects["effect"] == effect)
            ]
            assert len(some) == clients
            inside = (some["points"] - value).abs() <= Z95 * some["variance"] ** 0.5
            assert 0.92 <= inside.mean() <= 0.98, (part, effect, inside.mean())
    stayers = people[
        (people["segment_dimension"] == "client_id") & (people["person_kind"] == "stayers")
    ]
    inside = (stayers["points"] - (whole[1] - whole[0])).abs() <= Z95 * stayers["variance"] ** 0.5
    assert 0.92 <= inside.mean() <= 0.98, inside.mean()


def test_targets_paces_and_projections_are_weighted_least_squares(world: World) -> None:
    found = world.frame("select * from marts.nps_target_tracking")
    found["period_start"] = pd.to_datetime(found["period_start"])
    assert set(found["segment_dimension"]) == {"all", "client_id"}
    found["quarter"] = found["period_start"].dt.to_period("Q")
    found.loc[found["period_grain"] == "year", "quarter"] += 3
    targets = {
        str(client): (pd.Timestamp(day), float(target))
        for client, day, target in world.rows(
            "select client_id, target_on, target_nps from staging.stg_nps__targets"
        )
    }
    values = world.frame(POINT_VALUES).set_index(["segment_dimension", "segment_value"])
    paces = 0
    for (dimension, name), rows in found.groupby(["segment_dimension", "segment_value"]):
        quarters = rows[(rows["period_grain"] == "quarter") & rows["is_reportable"]]
        only = found[found["segment_dimension"] == "client_id"]["segment_value"].nunique() == 1
        target = targets.get("own" if dimension == "all" and only else str(name))
        first = quarters.sort_values("quarter").iloc[0]
        for row in rows[rows["is_reportable"]].itertuples():
            quarters_back = 1 if row.period_grain == "quarter" else 4
            window = quarters[:0]
            for back in range(quarters_back):
                last = row.quarter - back
                window = quarters[(quarters["quarter"] <= last) & (quarters["quarter"] > last - 4)]
                if len(window) >= 3 and (window["quarter"] == last).any():
                    break
                window = window[:0]
            left = None
            if target is not None:
                due = (target[0] + pd.Timedelta(days=1)).to_period("Q") - 1
                left = (due - row.quarter).n
                assert (row.target, row.quarters_to_target) == (target[1], left)
                assert row.gap == pytest.approx(target[1] - row.nps)
                assert row.required_pace == pytest.approx(row.gap / left)
                run = (row.quarter - first["quarter"]).n / (due - first["quarter"]).n
                path = first["nps"] + run * (target[1] - first["nps"])
                assert row.path_nps == pytest.approx(path)
                assert row.path_gap == pytest.approx(path - row.nps)
                value = values.loc[(dimension, name)]
                points = max(0.0, row.gap)
                assert row.revenue_at_stake == pytest.approx(points * value["value_of_a_point"])
                error = np.hypot(
                    points * value["value_standard_error"],
                    value["value_of_a_point"] * row.standard_error * (row.gap > 0),
                )
                assert row.revenue_at_stake_upper - row.revenue_at_stake == pytest.approx(
                    Z95 * error
                )
            else:
                assert all(pd.isna(value) for value in (row.target, row.path_nps, row.on_track))
            if len(window) == 0:
                assert pd.isna(row.recent_pace)
                continue
            x = np.array([(quarter - last).n for quarter in window["quarter"]], dtype=float)
            fit = sm.WLS(
                window["nps"], sm.add_constant(x), weights=window["standard_error"] ** -2
            ).fit(cov_type="fixed scale")
            assert row.recent_quarters == len(window)
            assert row.recent_pace == pytest.approx(fit.params.iloc[1], abs=1e-9)
            assert row.recent_pace_standard_error == pytest.approx(fit.bse.iloc[1], rel=1e-9)
            paces += 1
            if left is None:
                continue
            at = left + (row.quarter - last).n
            ahead = fit.get_prediction(np.array([[1.0, at]]))
            middle, error = ahead.predicted_mean[0], ahead.se_mean[0]
            assert row.projected_nps == pytest.approx(np.clip(middle, -100, 100), abs=1e-9)
            low, high = middle - Z95 * error, middle + Z95 * error
            assert row.projected_lower == pytest.approx(max(-100, low), abs=1e-8)
            assert row.projected_upper == pytest.approx(min(100, high), abs=1e-8)
            chance = stats.norm.sf((target[1] - middle) / error) if target else None
            assert row.on_track_probability == pytest.approx(chance, abs=1e-10)
            said = True if low >= row.target else False if high < row.target else None
            assert (None if pd.isna(row.on_track) else bool(row.on_track)) is said
    assert paces > 15


def moves_of(world: World) -> pd.DataFrame:
    """Answers followed by another, with what happened between, by the definition."""
    answers = world.frame(
        "select * from marts.fct_survey_responses where survey_kind = 'relational' and is_nps "
        "and customer_id is not null order by customer_id, respondent_id, responded_at, response_id"
    )
    after = answers.groupby(["customer_id", "respondent_id"]).shift(-1)
    answers["to"] = after["category"]
    answers["until"] = after["responded_at"]
    moves = answers[answers["to"].notna()].copy()
    moves["days"] = (moves["until"].dt.normalize() - moves["responded_at"].dt.normalize()).dt.days
    moves["wait"] = np.digitize(moves["days"], [137, 274, 457])
    pair = moves[["response_id", "customer_id", "responded_at", "until"]]

    def hit(events: pd.DataFrame, key: str, time: str) -> pd.Series:
        met = pair.merge(events, on=key, suffixes=("", "_event"))
        moment = pd.to_datetime(met[time])
        met = met[(moment >= met["responded_at"]) & (moment < met["until"])]
        return moves["response_id"].isin(met["response_id"])

    contacts = world.frame("select * from marts.fct_interactions")
    moves["contact"] = hit(contacts, "customer_id", "opened_at")
    moves["no_contact"] = ~moves["contact"]
    moves["fault"] = hit(contacts[contacts["is_fault"]], "customer_id", "opened_at")
    complaints = contacts[contacts["is_complaint"]]
    moves["complaint"] = hit(complaints, "customer_id", "opened_at")
    both = pair.merge(complaints, on="customer_id")
    both = both[(both["opened_at"] >= both["responded_at"]) & (both["opened_at"] < both["until"])]
    solved = both["resolved_at"] < both["until"]
    moves["resolved_complaint"] = moves["response_id"].isin(both["response_id"][solved])
    moves["unresolved_complaint"] = moves["response_id"].isin(both["response_id"][~solved])
    calls = world.frame("select response_id, contacted_at from staging.stg_support__follow_ups")
    moves["closed_loop_contact"] = hit(calls, "response_id", "contacted_at")
    assigned = world.frame(
        "select customer_id, contacted_on from staging.stg_campaigns__assignments "
        "where arm = 'treated' and contacted_on is not null"
    ).merge(pair, on="customer_id")
    day = pd.to_datetime(assigned["contacted_on"])
    reached = (day >= assigned["responded_at"].dt.normalize()) & (
        day < assigned["until"].dt.normalize()
    )
    moves["retention_action"] = moves["response_id"].isin(assigned["response_id"][reached])
    recurring = world.frame(
        "select customer_id, revenue_month, cast(recurring as double) as recurring "
        "from marts.fct_customer_revenue_monthly"
    )
    recurring["revenue_month"] = pd.to_datetime(recurring["revenue_month"])
    by_month = recurring.set_index(["customer_id", "revenue_month"])["recurring"]
    first = world.frame(
        "select customer_id, first_revenue_month from intermediate.int_customer_profiles"
    ).set_index("customer_id")["first_revenue_month"]

    def bill(customers: pd.Series, moments: pd.Series) -> Array:
        month = moments.dt.to_period("M").dt.start_time
        known = month.dt.to_period("M").astype("int64") - pd.to_datetime(
            customers.map(first)
        ).dt.to_period("M").astype("int64")
        total = np.zeros(len(customers))
        for back in (1, 2, 3):
            at = pd.MultiIndex.from_arrays([customers, month - pd.DateOffset(months=back)])
            total += by_month.reindex(at).fillna(0).to_numpy()
        return np.where(known >= 1, total / np.minimum(3, known), np.nan)

    before = bill(moves["customer_id"], moves["responded_at"])
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.where(
            before > 0, bill(moves["customer_id"], moves["until"]) / before - 1, np.nan
        )
    for name, event in (("bill_increase", change > 0.05), ("bill_decrease", change < -0.05)):
        moves[name] = pd.array(event, dtype="boolean")
        moves.loc[np.isnan(change), name] = pd.NA
    moves["all"] = True
    return moves


EVENTS = (
    *("all", "contact", "no_contact", "complaint", "resolved_complaint", "unresolved_complaint"),
    *("fault", "closed_loop_contact", "bill_increase", "bill_decrease", "retention_action"),
)


def difference(z: Array, event: Array, wait: Array, w: Array) -> Any:
    """Share with the event less the share of those like them without, over those with a like."""
    like = np.isin(wait, np.unique(wait[~event]))
    compared = event & like
    expected = 0.0
    for band in np.unique(wait[compared]):
        here = wait == band
        expected = expected + (w[compared & here].sum() / w[compared].sum()) * mean(
            z, ~event & here, w
        )
    return mean(z, compared, w) - expected


def test_moves_and_what_is_expected_without_the_event(world: World) -> None:
    moves = moves_of(world)
    mart = world.frame("select * from marts.nps_moves")
    key = ["segment_dimension", "segment_value", "event_kind", "from_category", "to_category"]
    found = mart.set_index(key)
    value = world.frame(POINT_VALUES).set_index(["segment_dimension", "segment_value"])
    rows = differences = 0
    dimensions = ("client_id", "customer_type", "region", "tenure_band", "revenue_band")
    for (dimension, name), here in segmented(moves, dimensions).groupby(
        ["segment_dimension", "segment_value"]
    ):
        for category, some in here.groupby("category"):
            for event in EVENTS:
                known = some[some[event].notna()]
                happened = known[event].to_numpy(bool)
                if not happened.any():
                    assert (dimension, name, event, category) not in found.index.droplevel(4)
                    continue
                wait = known["wait"].to_numpy()
                for to in CATEGORIES:
                    z = (known["to"] == to).to_numpy(float)
                    row: Any = found.loc[(dimension, name, event, category, to)]
                    n, k = int(happened.sum()), int(z[happened].sum())
                    assert (row["answers"], row["moves"]) == (n, k)
                    days = known["days"][happened & (z == 1)]
                    assert row["median_days_between"] == pytest.approx(days.median(), nan_ok=True)
                    if n >= 30:
                        low, high = proportion_confint(k, n, method="wilson")
                        assert row["share"] == pytest.approx(k / n)
                        assert row["lower"] == pytest.approx(low, abs=1e-9)
                        assert row["upper"] == pytest.approx(high, abs=1e-9)
                    rows += 1
                    if event == "all":
                        continue
                    assert row["answers_without"] == (~happened).sum()
                    assert row["moves_without"] == z[~happened].sum()
                    like = happened & np.isin(wait, np.unique(wait[~happened]))
                    assert row["compared_share"] == pytest.approx(like.sum() / n)
                    if min(like.sum(), (~happened).sum()) < 30:
                        assert pd.isna(row["difference"])
                        continue
                    ones = np.ones(len(z))
                    effect = difference(z, happened, wait, ones)
                    assert row["difference"] == pytest.approx(effect, abs=1e-9)
                    points = effect * CONTRIBUTION[to] * like.sum() / len(here)
                    assert row["points"] == pytest.approx(points, abs=1e-9)
                    at = value.loc[(dimension, name)]
                    assert row["revenue"] == pytest.approx(
                        points * at["value_of_a_point"], rel=0, abs=HALF_A_CENT, nan_ok=True
                    )
                    differences += 1
                    if differences % 40 == 1:
                        clusters = codes_of(known, ["customer_id", "wait", *ATTRIBUTES[:6]])
                        error = influence_error(partial(difference, z, happened, wait), clusters)
                        assert row["standard_error"] == pytest.approx(error, rel=1e-8)
                        assert row["difference_lower"] == pytest.approx(effect - Z95 * error)
    assert min(rows / 500, differences / 200) > 1
    for _, family in mart[mart["p_value"].notna()].groupby("segment_dimension"):
        z = family["difference"] / family["standard_error"]
        np.testing.assert_allclose(family["p_value"], 2 * stats.norm.sf(z.abs()), atol=1e-12)
        q = multipletests(family["p_value"], method="fdr_bh")[1]
        np.testing.assert_allclose(family["q_value"], q, atol=1e-9)


def give_moves(bench: Bench, moves: pd.DataFrame) -> pd.DataFrame:
    """Estimates of hand-made moves, of each client."""
    flags = [event for event in EVENTS if event not in ("all", "no_contact")]
    nothing = ", ".join(f"0 as {name}" for name in flags if name not in moves)
    bench.give(
        "intermediate.int_answer_moves",
        f"select *, {nothing} from moves",
        moves=bench.give_cells(moves),
    )
    bench.run("intermediate.int_move_signatures")
    bench.run("intermediate.int_move_counts")
    estimates = bench.run("intermediate.int_move_estimates")
    return estimates[estimates["segment_dimension"] == "client_id"]


def world_of_moves(effect: float, seed: int) -> pd.DataFrame:
    """300 clients with 300 passives each, half of them twice of one customer and alike. Whoever
    waits longer has more complaints resolved and moves more; the event adds `effect` to the chance
    to become a promoter."""
    generator = np.random.default_rng(seed)
    clients, customers = 300, 200
    client, customer = np.indices((clients, customers)).reshape(2, -1)
    long = generator.random(client.size) < 0.5
    event = generator.random(client.size) < np.where(long, 0.6, 0.2)
    twice = customer % 2 == 0
    frames = []
    common = generator.random(client.size)
    for answer in (0, 1):
        chance = np.where(long, 0.45, 0.25) + effect * event
        luck = np.where(generator.random(client.size) < 0.5, common, generator.random(client.size))
        frames.append(
            pd.DataFrame(
                {
                    "client_id": np.char.add("x", client.astype(str)),
                    "customer_id": (client * customers + customer).astype(str),
                    "from_category": "passive",
                    "to_category": np.where(luck < chance, "promoter", "passive"),
                    "wait_band": np.where(long, "long", "short"),
                    "resolved_complaint": event.astype(int),
                }
            )[(answer == 0) | twice]
        )
    return pd.concat(frames, ignore_index=True)


def test_an_event_that_makes_promoters_is_found(bench: Bench) -> None:
    moves = world_of_moves(0.15, 21)
    found = give_moves(bench, moves)
    found = found[
        (found["event_kind"] == "resolved_complaint") & (found["to_category"] == "promoter")
    ]
    assert len(found) == 300
    inside = (found["difference"] - 0.15).abs() <= Z95 * found["variance"] ** 0.5
    assert found["difference"].mean() == pytest.approx(0.15, abs=0.01)
    assert 0.92 <= inside.mean() <= 0.98, inside.mean()
    # Without the wait the difference would be wrong.
    naive = found["moves"] / found["with_event"] - found["moves_without"] / found["without_event"]
    assert naive.mean() > 0.2
    # Of independent moves the errors are too short.
    share = found["moves"] / found["with_event"]
    simple = (share * (1 - share) / found["with_event"]) ** 0.5
    assert (found["variance"] ** 0.5 > simple).mean() > 0.95


def test_an_event_that_does_nothing_is_not(bench: Bench) -> None:
    found = give_moves(bench, world_of_moves(0.0, 22))
    found = found[
        (found["event_kind"] == "resolved_complaint") & (found["to_category"] == "promoter")
    ]
    significant = found["difference"].abs() > Z95 * found["variance"] ** 0.5
    assert 0.02 <= significant.mean() <= 0.08, significant.mean()


def test_one_wait_and_one_move_a_customer_is_the_textbook_difference(bench: Bench) -> None:
    moves = world_of_moves(0.1, 23).drop_duplicates("customer_id")
    moves = moves.assign(wait_band="any")
    found = give_moves(bench, moves)
    found = found[
        (found["event_kind"] == "resolved_complaint") & (found["to_category"] == "promoter")
    ]
    for row in found.head(40).itertuples():
        low, high = confint_proportions_2indep(
            row.moves,
            row.with_event,
            row.moves_without,
            row.without_event,
            method="wald",
            compare="diff",
        )
        error = row.variance**0.5
        assert row.difference - Z95 * error == pytest.approx(low, abs=1e-9)
        assert row.difference + Z95 * error == pytest.approx(high, abs=1e-9)


def invitations_of(world: World) -> pd.DataFrame:
    """Invitations with what became of them, by the definition."""
    sent = world.frame(
        "select * exclude (client_id), date_trunc('month', sent_at) as asked_month "
        "from staging.stg_survey__invitations"
    )
    standing = world.frame("select * from intermediate.int_customer_standing")
    for frame in (sent, standing):
        frame["asked_month"] = pd.to_datetime(frame["asked_month"])
    sent = sent.merge(standing, on=["customer_id", "asked_month"], how="left")
    since, day = pd.to_datetime(sent["customer_since"]), sent["sent_at"].dt.normalize()
    sent["tenure"] = (day - since).dt.days / 365.25
    bands = ["under_1_year", "1_to_3_years", "3_to_7_years", "7_years_and_more"]
    old = [(day >= since + pd.DateOffset(months=m)).astype(int) for m in (12, 36, 84)]
    sent["tenure_band"] = np.array(bands)[sum(old)]
    sent.loc[sent["client_id"].isna(), "tenure_band"] = None
    strata = ["client_id", "customer_type", "tenure_band", "revenue_band"]
    sent["stratum"] = sent[strata].fillna("unknown").agg("|".join, axis=1)
    answers = world.frame("select * from marts.fct_survey_responses")
    named = answers[answers["invitation_id"].notna()]
    sent["answered"] = sent["invitation_id"].isin(named["invitation_id"])
    scored = named[named["is_nps"]].sort_values(["responded_at", "response_id"])
    sent["y"] = sent["invitation_id"].map(
        scored.drop_duplicates("invitation_id", keep="last").set_index("invitation_id")[
            "contribution"
        ]
    )
    (as_of,) = world.rows("select as_of from intermediate.int_run_clock")[0]
    sent["known"] = day + pd.Timedelta(days=30)
    replies = (
        sent[["invitation_id", "customer_id", "known"]]
        .assign(day=day)
        .merge(answers[["customer_id", "responded_at"]].dropna(), on="customer_id")
    )
    moment = replies["responded_at"].dt.normalize()
    replies = replies[(moment >= replies["day"]) & (moment < replies["known"])]
    sent["silent"] = ~sent["invitation_id"].isin(replies["invitation_id"])
    sent["is_known"] = sent["customer_id"].notna() & (sent["known"] <= pd.Timestamp(as_of))
    spells = world.frame("select * from intermediate.int_customer_spells")
    active = sent[["invitation_id", "customer_id", "known"]].merge(spells, on="customer_id")
    end = pd.to_datetime(active["churned_on"]).fillna(FAR)
    there = (pd.to_datetime(active["started_on"]) <= active["known"]) & (end > active["known"])
    days = (end - active["known"]).dt.days[there]
    sent["days"] = sent["invitation_id"].map(
        pd.Series(days.to_numpy(), index=active["invitation_id"][there])
    )
    sent["followed"] = sent["days"].notna() & (
        sent["known"] + pd.Timedelta(days=120) <= pd.Timestamp(as_of)
    )
    return sent


def test_response_rates_and_who_is_silent(world: World) -> None:
    sent = periods_of(invitations_of(world), "sent_at")
    first_known = (
        sent[sent["is_known"]]
        .sort_values(["sent_at", "invitation_id"])
        .drop_duplicates(["period_grain", "period_start", "survey_kind", "customer_id"])
    )
    sent["is_first"] = sent.index.isin(first_known.index)
    asked = segmented(sent, (*ATTRIBUTES[:6], "channel"))
    key = ["period_grain", "period_start", "survey_kind", "segment_dimension", "segment_value"]
    mart = world.frame("select * from marts.response_rates")
    mart["period_start"] = pd.to_datetime(mart["period_start"])
    mart = mart.set_index(key)
    compared = scored = weighted = 0
    for at, rows in asked.groupby(key):
        found: Any = mart.loc[at]
        n, k = len(rows), int(rows["answered"].sum())
        assert (found["invitations"], found["answered_invitations"]) == (n, k)
        if n >= 30:
            low, high = proportion_confint(k, n, method="wilson")
            assert found["lower"] == pytest.approx(low, abs=1e-9)
            assert found["upper"] == pytest.approx(high, abs=1e-9)
        first = rows[rows["is_first"]]
        silent, other = first[first["silent"]], first[~first["silent"]]
        assert found["silent_customers"] == len(silent)
        assert found["answering_customers"] == len(other)
        for column, name in (("monthly_baseline_revenue", "revenue"), ("tenure", "tenure")):
            a, b = (some[column].astype(float).dropna() for some in (silent, other))
            if min(len(a), len(b)) < 30:
                assert pd.isna(found[f"{name}_difference"])
                continue
            gap = a.mean() - b.mean()
            error = (a.var() / len(a) + b.var() / len(b)) ** 0.5
            near = HALF_A_CENT if name == "revenue" else 1e-9
            lower = gap - Z95 * error
            assert found[f"{name}_difference"] == pytest.approx(gap, rel=1e-9, abs=near)
            assert found[f"{name}_difference_lower"] == pytest.approx(lower, rel=1e-7, abs=near)
            compared += 1
        a, b = silent[silent["followed"]], other[other["followed"]]
        assert (found["silent_followed"], found["answering_followed"]) == (len(a), len(b))
        if min(len(a), len(b)) >= 30:
            left = [int((some["days"] <= 120).sum()) for some in (a, b)]
            low, high = confint_proportions_2indep(
                left[0], len(a), left[1], len(b), method="newcomb", compare="diff"
            )
            assert found["churn_difference"] == pytest.approx(left[0] / len(a) - left[1] / len(b))
            assert found["churn_difference_lower"] == pytest.approx(low, abs=1e-9)
            assert found["churn_difference_upper"] == pytest.approx(high, abs=1e-9)
            compared += 1
        heard = rows[rows["y"].notna()]
        assert found["scored_answers"] == len(heard)
        if len(heard) < 30:
            assert pd.isna(found["adjusted_nps"])
            continue
        sizes = rows["stratum"].value_counts()
        weight = heard["stratum"].map(sizes / heard["stratum"].value_counts()).to_numpy(float)
        y = heard["y"].to_numpy(float)
        assert found["represented_share"] == pytest.approx(weight.sum() / n)
        middle = (weight * y).sum() / weight.sum()
        assert found["nps"] == pytest.approx(y.mean())
        assert found["adjusted_nps"] == pytest.approx(middle, abs=1e-9)
        assert found["nps_shift"] == pytest.approx(middle - y.mean(), abs=1e-9)
        scored += 1
        if scored % 25:
            continue
        names = ["customer_id", *ATTRIBUTES[:6], "channel"]
        groups = codes_of(heard, names)
        options = {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": False}}
        fit = sm.WLS(y, np.ones(len(y)), weights=weight).fit(**options)
        assert found["adjusted_nps_standard_error"] == pytest.approx(fit.bse[0], rel=1e-8)
        influence = weight * (y - middle) / weight.sum() - (y - y.mean()) / len(y)
        error = (pd.Series(influence).groupby(groups).sum() ** 2).sum() ** 0.5
        assert found["nps_shift_upper"] - found["nps_shift"] == pytest.approx(
            Z95 * error, rel=1e-7, abs=1e-9
        )
        weighted += 1
    assert len(mart) == asked.groupby(key).ngroups
    assert min(compared / 100, weighted / 5) > 1


def test_weighting_hears_strata_that_answer_less(bench: Bench) -> None:
    """400 clients: the happy answer four times as often as the unhappy, who are as many."""
    generator = np.random.default_rng(31)
    clients, asked = 400, 400
    client = np.repeat(np.arange(clients), asked)
    happy = generator.random(client.size) < 0.5
    answered = generator.random(client.size) < np.where(happy, 0.8, 0.2)
    luck = generator.random(client.size)
    y = np.where(luck < np.where(happy, 0.6, 0.2), 100, np.where(luck > 0.8, -100, 0))
    frame = pd.DataFrame(
        {
            "invitation_id": np.arange(client.size).astype(str),
            "customer_id": np.arange(client.size).astype(str),
            "survey_kind": "relational",
            "sent_on": pd.Timestamp("2024-03-01"),
            "client_id": np.char.add("x", client.astype(str)),
            "stratum": np.where(happy, "happy", "unhappy"),
            "is_answered": answered.astype(int),
            "contribution": pd.Series(y).where(answered),
        }
    )
    bench.give(
        "intermediate.int_invitations_judged",
        "select * replace (cast(sent_on as date) as sent_on) from invitations",
        invitations=bench.give_cells(frame),
    )
    bench.run("intermediate.int_invitation_sums")
    found = bench.run("intermediate.int_response_weighted_scores")
    found = found[(found["segment_dimension"] == "client_id") & (found["period_grain"] == "year")]
    truth = 0.5 * 40 + 0.5 * 0
    error = found["adjusted_variance"] ** 0.5
    inside = (found["adjusted_nps"] - truth).abs() <= Z95 * error
    assert found["adjusted_nps"].mean() == pytest.approx(truth, abs=1)
    assert found["nps"].mean() > truth + 10
    assert 0.93 <= inside.mean() <= 1.0, inside.mean()
