"""Shares, scores, differences and points of themes against brute force over customers' influences,
and the coverage of their intervals over worlds whose truth is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

import worlds
from proofs import first_of
from worlds import POINT_VALUES, Bench, World

Z95 = stats.norm.ppf(0.975)
CELL = ["period_grain", "period_start", "survey_kind", "score_scale"]
SEGMENT = [*CELL, "segment_dimension", "segment_value"]
DIMENSIONS = ("client_id", "customer_type", "region", "plan_tier")
STEPS = (
    "int_verbatim_customers",
    "int_verbatim_theme_totals",
    "int_verbatim_text_totals",
    "int_verbatim_counts",
    "int_verbatim_estimates",
)


@pytest.fixture(scope="module", params=first_of("credit", "operator"))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Several respondents per customer; several clients with answers after each contact."""
    made: World = getattr(worlds, request.param)(tmp_path_factory)
    return made


def wald(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """Adjusted mean and variance of a score, in points."""
    p, d, m = promoters + 0.75, detractors + 0.75, n + 3
    mean = (p - d) / m
    return 100 * mean, 1e4 * ((p + d) / m - mean**2) / m


def clustered(influence: pd.Series, cluster: pd.Series) -> float:
    """Variance of a sum of influences by customer."""
    sums = influence.groupby(cluster).sum()
    m = len(sums)
    return float((sums**2).sum() * m / (m - 1)) if m > 1 else np.nan


def expected_of(texts: pd.DataFrame, mentioned: pd.Series) -> dict[str, float]:
    """Every figure of one theme in one segment, by the definitions."""
    y, cluster, n = texts["contribution"].astype(float), texts["cluster_id"], len(texts)
    m = mentioned.astype(float)
    share, total = m.mean(), y.mean()
    result: dict[str, float] = {"texts": n, "mentions": m.sum(), "share": share}
    variance, binomial = clustered((m - share) / n, cluster), share * (1 - share) / n
    has_repeats = cluster.nunique() < n
    effective = share * (1 - share) / variance if has_repeats and variance > binomial else n
    result["share_lower"], result["share_upper"] = proportion_confint(
        share * effective, effective, method="wilson"
    )
    inside, others = y[mentioned], y[~mentioned]
    if len(inside) >= 30:
        nps = inside.mean()
        adjusted, floor = wald((inside > 0).sum(), (inside < 0).sum(), len(inside))
        own = cluster[mentioned]
        by_customer = clustered((inside - nps) / len(inside), own)
        repeats = own.nunique() < len(inside) and own.nunique() > 1
        error = np.sqrt(max(floor, by_customer) if repeats else floor)
        result |= {"nps": nps, "standard_error": error}
        result |= {
            "lower": max(-100, adjusted - Z95 * error),
            "upper": min(100, adjusted + Z95 * error),
        }
        if len(others) >= 30:
            other = others.mean()
            _, other_floor = wald((others > 0).sum(), (others < 0).sum(), len(others))
            psi = m * (y - nps) / len(inside) - (1 - m) * (y - other) / len(others)
            phi = (y - total) / n - (1 - m) * (y - other) / len(others)
            difference = nps - other
            both = floor + other_floor
            result |= {
                "difference": difference,
                "difference_standard_error": np.sqrt(max(both, clustered(psi, cluster))),
                "points": total - other,
                "points_standard_error": np.sqrt(
                    max(share**2 * both + difference**2 * binomial, clustered(phi, cluster))
                ),
            }
    return result


def test_every_figure_by_brute_force(world: World) -> None:
    mart = world.frame("select * from marts.verbatim_themes")
    mart = mart.set_index([*SEGMENT, "theme"]).sort_index()
    texts = world.frame(
        "select texts.*, client_id, customer_type, region, plan_tier "
        "from intermediate.int_verbatim_texts as texts "
        "inner join marts.fct_survey_responses using (response_id)"
    )
    mentions = world.frame("select * from intermediate.int_verbatim_mentions")
    by_theme = {theme: set(rows["response_id"]) for theme, rows in mentions.groupby("theme")}
    by_theme["any"] = set(mentions["response_id"])
    by_theme["none"] = set(texts["response_id"]) - by_theme["any"]
    parts = [texts.assign(segment_dimension="all", segment_value="all")] + [
        texts[texts[name].notna()].assign(segment_dimension=name, segment_value=texts[name])
        for name in DIMENSIONS
    ]
    compared = 0
    for key, cell in pd.concat(parts).groupby(SEGMENT):
        if key[0] == "quarter" and key[4] != "all":
            continue
        for theme in mart.loc[key].index:
            found = mart.loc[(*key, theme)]
            expected = expected_of(cell, cell["response_id"].isin(by_theme.get(theme, set())))
            if expected["texts"] < 30:
                expected |= {"share": np.nan, "share_lower": np.nan, "share_upper": np.nan}
            for name in ("nps", "difference", "points", "points_standard_error"):
                expected.setdefault(name, np.nan)
            for name, value in expected.items():
                assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-8, nan_ok=True), (
                    key,
                    theme,
                    name,
                )
                compared += 1
    assert compared > 2_000


def test_answers_are_those_of_the_score(world: World) -> None:
    assert not world.rows(
        """
        select * from marts.verbatim_themes as themes
        anti join marts.nps_by_segment as scores using (
            period_grain, period_start, survey_kind, score_scale, segment_dimension,
            segment_value, responses
        )
        """
    )


def test_revenue_of_points(world: World) -> None:
    """Points times the value of a point, with both errors, and nothing where a point has none."""
    rows = world.frame(
        f"""
        select themes.*, value_of_a_point, value_standard_error
        from marts.verbatim_themes as themes
        left join ({POINT_VALUES}) as point_values
            using (segment_dimension, segment_value)
        """
    )
    relational = (rows["survey_kind"] == "relational") & (rows["score_scale"] == "nps_0_10")
    valued = relational & rows["points"].notna() & rows["value_of_a_point"].notna()
    assert valued.any()
    assert rows.loc[~valued, "revenue_of_points"].isna().all()
    shown = rows[valued].astype({c: float for c in rows.columns if c.startswith("revenue_of")})
    money = shown["points"] * shown["value_of_a_point"]
    error = np.hypot(
        shown["points"] * shown["value_standard_error"],
        shown["points_standard_error"] * shown["value_of_a_point"],
    )
    for name, value in {
        "revenue_of_points": money,
        "revenue_of_points_standard_error": error,
        "revenue_of_points_lower": money - Z95 * error,
        "revenue_of_points_upper": money + Z95 * error,
    }.items():
        np.testing.assert_allclose(shown[name], value, atol=0.006)


def test_changes_of_the_share(world: World) -> None:
    """Agresti–Caffo where every text is of another customer, corrected by statsmodels."""
    estimates = world.frame(
        "select * from intermediate.int_verbatim_estimates where is_share_reportable"
    )
    estimates["period_start"] = pd.to_datetime(estimates["period_start"])
    changes = world.frame("select * from intermediate.int_verbatim_changes")
    changes["period_start"] = pd.to_datetime(changes["period_start"])
    step = {"quarter": pd.DateOffset(months=3), "year": pd.DateOffset(years=1)}
    known = estimates.set_index([*SEGMENT, "theme"]).sort_index()
    assert len(changes) > 100
    for row in changes.itertuples():
        key = (
            row.survey_kind,
            row.score_scale,
            row.segment_dimension,
            row.segment_value,
            row.theme,
        )
        now = known.loc[(row.period_grain, row.period_start, *key)]
        before = known.loc[(row.period_grain, row.period_start - step[row.period_grain], *key)]
        p = [(e.share * e.effective_texts + 1) / (e.effective_texts + 2) for e in (now, before)]
        n = [e.effective_texts + 2 for e in (now, before)]
        z = (p[0] - p[1]) / np.sqrt(sum(q * (1 - q) / k for q, k in zip(p, n, strict=True)))
        assert row.share_change == pytest.approx(now.share - before.share, abs=1e-12)
        assert row.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-10)
    for _, family in changes.groupby([*CELL, "segment_dimension"]):
        expected = multipletests(family["p_value"], method="fdr_bh")[1]
        np.testing.assert_allclose(family["q_value"], expected, atol=1e-10)


# --- planted truth -------------------------------------------------------------------------------

WORLDS = 1_000
SHARE = 0.2
SCORES = {True: (0.2, 0.55), False: (0.5, 0.15)}  # shares of promoters and detractors, by mention


def planted(rng: np.random.Generator, customers: int, repeats: int) -> pd.DataFrame:
    """Texts of many clients, each a world of its own; a customer's texts agree half of the time."""
    n = WORLDS * customers
    rows: dict[str, Any] = {
        "client_id": np.repeat([f"w{w:03d}" for w in range(WORLDS)], customers * repeats),
        "cluster_id": np.repeat(np.arange(n).astype(str), repeats),
    }
    alike = np.repeat(rng.random(n) < 0.5, repeats)
    lasting = [np.repeat(rng.random(n), repeats) for _ in range(2)]
    mention, mood = (np.where(alike, old, rng.random(n * repeats)) for old in lasting)
    mentioned = mention < SHARE
    promoters = np.where(mentioned, SCORES[True][0], SCORES[False][0])
    detractors = np.where(mentioned, SCORES[True][1], SCORES[False][1])
    rows["contribution"] = 100 * ((mood < promoters).astype(int) - (mood > 1 - detractors))
    rows["mentioned"] = mentioned
    rows["response_id"] = np.arange(n * repeats).astype(str)
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("customers", "repeats"), [(300, 1), (150, 3)], ids=["one", "several"])
def test_intervals_hold_the_planted_truth(
    tmp_path_factory: pytest.TempPathFactory, customers: int, repeats: int
) -> None:
    """Over 1,000 worlds each interval holds it about 95 times in a hundred, also where customers
    write several texts that agree.
    """
    frame = planted(np.random.default_rng(7), customers, repeats)
    bench = Bench(worlds.operator(tmp_path_factory))
    bench.give(
        "intermediate.int_verbatim_texts",
        """
        select
            'all_time' as period_grain, date '1900-01-01' as period_start,
            'relational' as survey_kind, 'nps_0_10' as score_scale, response_id, cluster_id,
            contribution::integer as contribution, customer_cell, 0::decimal(18, 2) as revenue
        from frame
        """,
        frame=bench.give_cells(frame),
    )
    bench.give(
        "intermediate.int_verbatim_mentions",
        "select response_id, 'theme' as theme from frame where mentioned",
        frame=frame,
    )
    bench.give("intermediate.int_verbatim_patterns", "select 'theme' as theme")
    for step in STEPS:
        bench.run(f"intermediate.{step}")
    found = bench.connection.execute(
        "from build.intermediate.int_verbatim_estimates "
        "where segment_dimension = 'client_id' and theme = 'theme'"
    ).df()
    assert len(found) == WORLDS
    inside, outside = (100 * (SCORES[flag][0] - SCORES[flag][1]) for flag in (True, False))
    truth = {
        "difference": (inside - outside, found["difference"], found["difference_standard_error"]),
        "points": (SHARE * (inside - outside), found["points"], found["points_standard_error"]),
        "nps": (inside, found["adjusted_nps"], found["standard_error"]),
        "share": (
            SHARE,
            found["share"],
            np.sqrt(found["share"] * (1 - found["share"]) / found["effective_texts"]),
        ),
    }
    for name, (planted_value, estimate, error) in truth.items():
        held = (abs(estimate - planted_value) <= Z95 * error).mean()
        bias = (estimate - planted_value).mean() / estimate.std()
        print(f"{name}: held {held:.3f}, bias {bias:.3f} standard errors")
        assert 0.92 <= held <= 0.98, (name, held)
        assert abs(bias) < 0.3, (name, bias)


def test_no_texts_leave_the_mart_empty(tmp_path_factory: pytest.TempPathFactory) -> None:
    bench = Bench(worlds.operator(tmp_path_factory))
    bench.connection.execute(f"attach '{bench.world.file}' as world (read_only)")
    for name in ("int_verbatim_texts", "int_verbatim_mentions"):
        bench.give(f"intermediate.{name}", f"from world.intermediate.{name} where false")
    for name in ("int_verbatim_patterns", "int_customer_segments"):
        bench.give(f"intermediate.{name}", f"from world.intermediate.{name}")
    for step in STEPS:
        assert bench.run(f"intermediate.{step}").empty
