"""What a change is made of, and where it leads: against pandas, statsmodels and derivatives taken
cluster by cluster.

Standard errors are checked by the infinitesimal jackknife: every cluster gets a weight, and the
derivative of a figure in the weight, at 1, is what the cluster does to it. The derivative is taken
along the imaginary axis, exact to rounding, from the definition of the figure alone.
"""

from collections.abc import Callable
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
from test_oracle_nps import answers_of, latest, periods_of, segmented
from worlds import Bench, World

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


@pytest.fixture(scope="module", params=["operator", "credit"])
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
    """√Σψ²: `figure` is a function of the weights of its rows, `clusters` says who moves together."""
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
    for (grain, kind, scale), rows in counted.groupby(
        ["period_grain", "survey_kind", "score_scale"]
    ):
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
                lambda w, y=y, now=now, person=person, kind=kind: people_effect(
                    y, now, person, kind, w
                ),
                codes_of(pair, ["cluster"]),
            )
        else:
            name = str(row.part_dimension)
            both = pair["service_line"] + " × " + pair["customer_type"]
            value = (both if "×" in name else pair[name]).fillna("(none)").to_numpy(str)
            at = ("mix", "within").index(str(row.effect))
            error = influence_error(
                lambda w, y=y, now=now, part=value == row.part_value, at=at: segment_effects(
                    y, now, part, w
                )[at],
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
        anonymous = chosen % 7 == 0
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
                    "respondent_id": np.where(anonymous, None, [f"p{p}" for p in chosen]),
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
        answers=frame,
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
    frame = pd.concat(frames, ignore_index=True)
    others = [c for c in ATTRIBUTES if c not in ("client_id", "region")]
    bench.give(
        "intermediate.int_bridge_answers",
        "select 'year' as period_grain, date '2024-01-01' as period_start, "
        "date '2023-01-01' as previous_start, 'relational' as survey_kind, "
        "'nps_0_10' as score_scale, 'stayers' as person_kind, answers.*, "
        + ", ".join(f"cast(null as varchar) as {column}" for column in others)
        + " from answers",
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
