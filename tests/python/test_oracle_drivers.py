"""Drivers of the score against statsmodels and a brute-force Shapley, also on awkward data."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import worlds
from drivers_by_definition import Regression, regress
from proofs import first_of
from worlds import POINT_VALUES, Bench, World

CHAIN = (
    "intermediate.int_driver_ratings",
    "intermediate.int_driver_questionnaires",
    "intermediate.int_driver_answers",
    "intermediate.int_driver_patterns",
    "intermediate.int_driver_ranks",
    "intermediate.int_driver_choices",
    "intermediate.int_driver_terms",
    "intermediate.int_driver_products",
    "intermediate.int_driver_correlations",
    "intermediate.int_driver_regressions",
    "intermediate.int_driver_importances",
    "intermediate.int_driver_coefficients",
    "intermediate.int_driver_influence",
    "intermediate.int_driver_estimates",
    "marts.nps_drivers",
    "marts.nps_driver_contributions",
)
GROUP = ["period_grain", "period_start", "segment_dimension", "segment_value"]
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
Z95 = 1.959963984540054


def close(found: Any, wanted: Any, what: str = "") -> None:
    """Equal to 1e-8, relative or absolute."""
    np.testing.assert_allclose(
        np.asarray(found, float), np.asarray(wanted, float), rtol=1e-8, atol=1e-8, err_msg=what
    )


def bench_of(world: World, answers: pd.DataFrame, ratings: pd.DataFrame) -> Bench:
    """The driver models run on counted answers and ratings made by hand."""
    bench = Bench(world)
    given = bench.give_cells(answers.assign(survey_kind="relational", score_scale="nps_0_10"))
    bench.give(
        "intermediate.int_nps_counted_answers",
        "select * replace (cast(client_id as varchar) as client_id, "
        "cast(customer_type as varchar) as customer_type) from given",
        given=given,
    )
    bench.give(
        "staging.stg_survey__driver_ratings",
        "select cast(response_id as varchar) as response_id, cast(driver as varchar) as driver, "
        "rating, cast(score_scale as varchar) as score_scale from ratings",
        ratings=ratings,
    )
    for seed in ("drivers", "score_scales"):
        path = worlds.ROOT / "seeds" / f"{seed}.csv"
        bench.give(f"reference.{seed}", f"select * from read_csv('{path}')")
    bench.give(
        "marts.revenue_per_point",
        "select 'all' as segment_dimension, 'all' as segment_value, 'adjusted' as adjustment, "
        "'active_customers' as base, 2e6 as revenue_per_point, 3e5 as standard_error, "
        "'EUR' as currency",
    )
    for relation in CHAIN:
        bench.run(relation)
    return bench


def check(rows: pd.DataFrame, parts: pd.DataFrame, expected: Regression | None, top: float) -> None:
    """One segment of both marts against the regression by definition."""
    rows, parts = rows.set_index("driver"), parts.set_index(["term", "driver"])
    if expected is None:
        assert not rows["is_included"].any()
        assert not rows["is_reportable"].any()
        assert rows[["slope", "importance", "points_available", "quadrant"]].isna().all(axis=None)
        assert parts[["slope", "contribution", "change"]].isna().all(axis=None)
        return
    out = rows["exclusion_reason"].dropna().to_dict()
    assert out == expected.reasons
    found = rows.loc[expected.drivers]
    assert rows["is_included"].sum() == len(found)
    assert rows["is_reportable"].all()
    assert (rows["responses"] == expected.responses).all()
    assert (rows["customers"] == expected.customers).all()
    gap = top - expected.means
    slopes, errors = expected.slopes[1:], expected.errors[1:]
    for column, wanted in {
        "nps_of_responses": np.full(len(found), expected.nps),
        "r_squared": np.full(len(found), expected.r_squared),
        "mean_rating": expected.means,
        "slope": slopes,
        "standard_error": errors,
        "lower": slopes - Z95 * errors,
        "upper": slopes + Z95 * errors,
        "p_value": expected.p_values[1:],
        "importance": expected.importance,
        "points_available": slopes * gap,
        "points_available_standard_error": expected.gap_errors,
        "share_below_top": expected.below,
        "points_one_step_better": slopes * expected.below,
        "points_one_step_better_standard_error": expected.step_errors,
    }.items():
        close(found[column], wanted, column)
    part = parts.loc["driver"].loc[expected.drivers]
    whole = parts.loc[("intercept", "intercept")]
    assert len(parts) == len(expected.drivers) + 1
    close(part["contribution"], slopes * expected.means)
    close(part["standard_error"], expected.part_errors)
    close(whole["contribution"], expected.slopes[0])
    close(whole["standard_error"], expected.errors[0])
    close(parts["contribution"].sum(), expected.nps)


# --- the simulated worlds ------------------------------------------------------------------------


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Several respondents per customer; several clients."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


def groups_of(frame: pd.DataFrame) -> Iterator[tuple[Any, pd.DataFrame]]:
    """The rows of each period and segment."""
    yield from frame.groupby(GROUP)


def test_every_segment_is_that_of_statsmodels_and_of_all_subsets(world: World) -> None:
    answers = world.frame(
        "select counted.*, answers.region, answers.plan_tier, answers.tenure_band, "
        "answers.revenue_band, answers.service_line, answers.journey_stage, answers.channel "
        "from intermediate.int_nps_counted_answers as counted "
        "inner join marts.fct_survey_responses as answers using (response_id) "
        "where counted.survey_kind = 'relational' and counted.score_scale = 'nps_0_10' "
        "and period_grain in ('year', 'all_time')"
    )
    ratings = world.frame("select * from staging.stg_survey__driver_ratings")
    wide = ratings.pivot(index="response_id", columns="driver", values="rating").astype(float)
    rated = answers.join(wide, on="response_id", how="inner")
    drivers = world.frame("select * from marts.nps_drivers")
    parts = dict(groups_of(world.frame("select * from marts.nps_driver_contributions")))
    order = list(
        world.frame("select driver from reference.drivers order by display_order")["driver"]
    )
    seen = 0
    for key, rows in groups_of(drivers):
        grain, start, dimension, value = key
        inside = rated[(rated["period_grain"] == grain) & (rated["period_start"] == start)]
        if dimension == "service_line × customer_type":
            inside = inside[inside["service_line"] + " × " + inside["customer_type"] == value]
        elif dimension != "all":
            inside = inside[inside[dimension] == value]
        asked = inside[wide.columns].dropna(axis=1, how="all")
        expected = regress(asked, inside["contribution"], inside["cluster_id"], order, set(), top=5)
        assert (rows["answers"] == len(inside)).all()
        check(rows, parts[key], expected, top=5)
        seen += expected is not None
    assert seen > 50, seen


def test_euros_are_points_times_the_value_of_a_point(world: World) -> None:
    found = world.frame(
        f"""
        select drivers.*, point.value_of_a_point as value, point.value_standard_error as error
        from marts.nps_drivers as drivers
        inner join ({POINT_VALUES}) as point
            using (segment_dimension, segment_value)
        where drivers.is_included and point.value_of_a_point is not null
        """
    ).astype(
        dict.fromkeys(
            ("revenue_available", "revenue_available_lower", "revenue_one_step_better"), float
        )
    )
    assert len(found) > 50
    points, error = found["points_available"], found["points_available_standard_error"]
    revenue = points * found["value"]
    spread = np.sqrt((points * found["error"]) ** 2 + (error * found["value"]) ** 2)
    np.testing.assert_allclose(found["revenue_available"], revenue, atol=0.006)
    np.testing.assert_allclose(found["revenue_available_lower"], revenue - Z95 * spread, atol=0.006)
    ratio = (found["revenue_one_step_better"] / found["revenue_available"]).to_numpy(float)
    step = (found["points_one_step_better"] / points).to_numpy(float)
    np.testing.assert_allclose(ratio, step, rtol=1e-3)


# --- awkward data, one client each ----------------------------------------------------------------


def awkward(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers and their ratings of one client: everything a survey can get wrong, at random."""
    draw = np.random.default_rng(seed)
    n = int(draw.choice([1, 2, 29, 31, 60, 90, 150, 200]))
    p = int(draw.integers(1, 14))
    mood = draw.normal(size=n)
    names = [f"d{seed}_{letter}" for letter in "abcdefghijklm"[:p]]
    ratings = pd.DataFrame(
        {name: np.clip(np.round(3 + 0.6 * mood + draw.normal(size=n)), 1, 5) for name in names}
    )
    kind = draw.integers(0, 8)
    if p >= 2 and kind == 1:
        ratings[names[-1]] = ratings[names[0]]
    if p >= 3 and kind == 2:
        ratings[names[1]] = 6 - ratings[names[0]]
        ratings[names[2]] = np.clip(np.round(ratings[names[0]] / 2), 1, 5)
    if kind == 3:
        ratings[names[int(draw.integers(p))]] = 4.0
    if p >= 4 and kind == 4:
        half = draw.integers(1, 3, size=(n, 2))
        ratings[names[0]], ratings[names[1]] = half[:, 0], half[:, 1]
        ratings[names[2]] = half.sum(axis=1)
    if kind in (5, 6):
        for at, name in enumerate(names):
            ratings.loc[draw.random(n) < 0.06 * at, name] = np.nan
    score = np.clip(np.round(7.5 + mood + draw.normal(size=n)), 0, 10)
    if kind == 7:
        score = np.full(n, 9.0)
    answers = pd.DataFrame(
        {
            "response_id": [f"{seed}-{row}" for row in range(n)],
            "cluster_id": [f"{seed}-{int(draw.integers(max(1, n * 2 // 3)))}" for _ in range(n)]
            if seed % 3
            else [f"{seed}-{row}" for row in range(n)],
            "client_id": f"client_{seed}",
            "contribution": np.where(score >= 9, 100, np.where(score <= 6, -100, 0)),
        }
    )
    answers["score_scale"], answers["survey_kind"] = "nps_0_10", "relational"
    ratings.index = pd.Index(answers["response_id"], name="response_id")
    long = ratings.melt(ignore_index=False, var_name="driver", value_name="rating").dropna()
    return answers, long.reset_index().assign(score_scale="stars_1_5")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Any built world: its compiled models are run on other data."""
    return worlds.operator(tmp_path_factory)


def test_awkward_data_give_what_statsmodels_gives_or_a_reason(compiled: World) -> None:
    """240 clients: constant, collinear, missing, few, one answer, all the same score."""
    made = [awkward(seed) for seed in range(240)]
    answers = pd.concat([one for one, _ in made], ignore_index=True)
    answers["period_grain"], answers["period_start"] = "year", pd.Timestamp("2024-01-01")
    ratings = pd.concat([one for _, one in made], ignore_index=True)
    bench = bench_of(compiled, answers, ratings)
    drivers = bench.connection.execute("select * from marts.nps_drivers").df()
    parts = bench.connection.execute("select * from marts.nps_driver_contributions").df()
    shown, reasons = 0, set()
    for seed, (mine, long) in enumerate(made):
        client = f"client_{seed}"
        rows = drivers[(drivers["segment_dimension"] == "client_id")]
        rows = rows[rows["segment_value"] == client]
        group = parts[parts["segment_dimension"] == "client_id"]
        group = group[group["segment_value"] == client]
        wide = long.pivot(index="response_id", columns="driver", values="rating")
        inside = mine.set_index("response_id").loc[wide.index]
        expected = regress(
            wide, inside["contribution"], inside["cluster_id"], sorted(wide), set(), top=5
        )
        check(rows, group, expected, top=5)
        shown += expected is not None
        reasons |= set(rows["exclusion_reason"].dropna())
    assert shown > 60, shown
    assert reasons == {
        "constant",
        "more_than_ten",
        "rank_deficient",
        "too_few_answers",
        "too_few_ratings",
    }
    # Nobody asks what another client asks: together they have nothing to be explained by.
    assert not drivers.loc[drivers["segment_dimension"] == "all", "is_included"].any()


# --- changes, other scales, other questions -------------------------------------------------------


def two_years(seed: int, asked: tuple[str, ...], asked_before: tuple[str, ...]) -> Any:
    """A client's answers of two years, and their ratings."""
    draw = np.random.default_rng(seed)
    answers, ratings = [], []
    for year, drivers in ((2023, asked_before), (2024, asked)):
        mood = draw.normal(size=80)
        ids = [f"{seed}-{year}-{row}" for row in range(80)]
        score = np.round(7.4 + mood + draw.normal(size=80))
        answers.append(
            pd.DataFrame(
                {
                    "response_id": ids,
                    "cluster_id": ids,
                    "client_id": f"client_{seed}",
                    "contribution": np.where(score >= 9, 100, np.where(score <= 6, -100, 0)),
                    "period_grain": "year",
                    "period_start": pd.Timestamp(year, 1, 1),
                }
            )
        )
        for driver in drivers:
            top = 10 if driver.endswith("_of_ten") else 5
            raw = top * (0.6 + 0.12 * mood + 0.2 * draw.normal(size=80))
            ratings.append(
                pd.DataFrame(
                    {
                        "response_id": ids,
                        "driver": driver,
                        "rating": np.clip(np.round(raw), 1, top),
                        "score_scale": "nps_0_10" if top == 10 else "stars_1_5",
                    }
                )
            )
    return pd.concat(answers), pd.concat(ratings)


def test_a_change_is_taken_apart_when_both_years_ask_the_same(compiled: World) -> None:
    made = [
        two_years(1, ("courtesy", "speed_of_ten"), ("courtesy", "speed_of_ten")),
        two_years(2, ("courtesy", "speed_of_ten"), ("courtesy",)),
    ]
    bench = bench_of(
        compiled,
        pd.concat([answers for answers, _ in made], ignore_index=True),
        pd.concat([ratings for _, ratings in made], ignore_index=True),
    )
    parts = bench.connection.execute(
        "select * from marts.nps_driver_contributions where segment_dimension = 'client_id'"
    ).df()
    parts = parts.set_index(["segment_value", "period_start", "driver"]).sort_index()
    before, now = parts.loc[("client_1", "2023-01-01")], parts.loc[("client_1", "2024-01-01")]
    assert len(before) == len(now) == 3
    assert before["change"].isna().all()
    close(now["change"], now["contribution"] - before["contribution"])
    close(now["change"].sum(), now["nps_of_responses"].iloc[0] - before["nps_of_responses"].iloc[0])
    close(
        now["change_through_rating"],
        (now["slope"] + before["slope"]) / 2 * (now["mean_rating"] - before["mean_rating"]),
    )
    close(now["change"], now["change_through_rating"] + now["change_through_slope"])
    assert parts.loc["client_2", "change"].isna().all()
    # A driver on 0–10 is measured from the top of that scale.
    tops = bench.connection.execute(
        "select distinct driver, top_rating from marts.nps_drivers order by driver"
    ).fetchall()
    assert tops == [("courtesy", 5.0), ("speed_of_ten", 10.0)]


def test_clients_with_other_questions_have_their_own_drivers(compiled: World) -> None:
    """24 questions in all, eight by client, half of them another client's too."""
    names = [f"question_{at:02d}" for at in range(16)]
    made = [two_years(seed, tuple(names[at : at + 8]), ()) for seed, at in ((1, 0), (2, 4), (3, 8))]
    answers = pd.concat([one for one, _ in made], ignore_index=True)
    answers = answers[answers["period_start"].dt.year == 2024]
    ratings = pd.concat([one for _, one in made], ignore_index=True)
    bench = bench_of(compiled, answers, ratings)
    drivers = bench.connection.execute("select * from marts.nps_drivers").df()
    for seed, at in ((1, 0), (2, 4), (3, 8)):
        mine = drivers[drivers["segment_value"] == f"client_{seed}"]
        assert sorted(mine.loc[mine["is_included"], "driver"]) == names[at : at + 8]
    whole = drivers[drivers["segment_dimension"] == "all"].set_index("driver")
    included = whole[whole["is_included"]]
    # What two of three clients ask is in; with another client's question half would be lost.
    assert list(included.index) == names[4:8]
    assert (included["responses"] == 160).all()
    assert (included["answers"] == 240).all()
    close(included["used_share"], 2 / 3)


def test_overall_verdicts_are_left_out_by_name(compiled: World) -> None:
    answers, ratings = two_years(5, ("safety", "airport_overall", "shops"), ())
    bench = bench_of(compiled, answers[answers["period_start"].dt.year == 2024], ratings)
    found = bench.connection.execute(
        "select driver, label, exclusion_reason from marts.nps_drivers "
        "where segment_dimension = 'all' order by driver"
    ).fetchall()
    assert found == [
        ("airport_overall", "The airport as a whole", "overall_verdict"),
        ("safety", "Feeling of safety", None),
        ("shops", "Shops", None),
    ]


def test_no_ratings_give_empty_marts(compiled: World) -> None:
    answers, ratings = two_years(6, ("safety",), ())
    bench = bench_of(compiled, answers, ratings.iloc[:0])
    for mart in ("nps_drivers", "nps_driver_contributions"):
        assert bench.connection.execute(f"select count(*) from marts.{mart}").fetchone() == (0,)


def test_the_order_of_rows_changes_nothing(compiled: World) -> None:
    answers, ratings = two_years(7, ("safety", "shops", "wifi"), ("safety", "shops", "wifi"))
    frames = []
    for seed in (1, 2):
        bench = bench_of(
            compiled,
            answers.sample(frac=1, random_state=seed).reset_index(drop=True),
            ratings.sample(frac=1, random_state=seed).reset_index(drop=True),
        )
        query = "select * from marts.nps_drivers order by all"
        frames.append(bench.connection.execute(query).df())
    pd.testing.assert_frame_equal(*frames, rtol=1e-12)
