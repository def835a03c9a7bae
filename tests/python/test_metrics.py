"""What MetricFlow answers is what the marts say, and what a manager asks can be asked."""

import re
from typing import Any

import pytest

import worlds
from metrics import Asked, Metrics, questions
from worlds import ROOT

PAGE = ROOT / "docs" / "metrics.md"
GRAINS = {"month": 1, "quarter": 3, "year": 12}
COUNTS = ["responses", "promoters", "passives", "detractors"]
SCORE = [*COUNTS, "nps", "revenue_weighted_nps"]


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Metrics:
    """A small carrier: relational answers, several a person."""
    return Metrics(worlds.small(tmp_path_factory))


@pytest.fixture(scope="module")
def credit(tmp_path_factory: pytest.TempPathFactory) -> Metrics:
    """A provider that asks after contacts."""
    return Metrics(worlds.credit(tmp_path_factory))


def by_mart(
    asked: Metrics, mart: str, columns: list[str], keys: list[str], where: str
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Columns of a mart by others."""
    rows = asked.world.rows(
        f"select {', '.join([*keys, *columns])} from marts.{mart} where {where}"
    )
    return {row[: len(keys)]: row[len(keys) :] for row in rows}


def assert_equal(
    said: dict[tuple[Any, ...], tuple[Any, ...]], mart: dict[tuple[Any, ...], tuple[Any, ...]]
) -> None:
    """The same keys, and the same figures wherever the mart shows them."""
    assert mart
    assert set(said) == set(mart)
    for key, figures in mart.items():
        for one, other in zip(said[key], figures, strict=True):
            if other is not None:
                assert one == pytest.approx(float(other), rel=1e-9, abs=1e-9), key


@pytest.mark.parametrize("grain", GRAINS)
def test_the_score_of_a_period_is_the_marts(carrier: Metrics, grain: str) -> None:
    said = carrier.by(SCORE, [f"metric_time__{grain}"])
    mart = by_mart(
        carrier,
        "nps_by_segment",
        SCORE,
        ["period_start"],
        f"period_grain = '{grain}' and segment_dimension = 'all' and survey_kind = 'relational' "
        "and score_scale = 'nps_0_10'",
    )
    assert_equal(said, mart)


def test_the_score_of_all_time_is_the_marts(carrier: Metrics) -> None:
    said = carrier.by([*SCORE, "answers_given"])[()]
    mart = carrier.world.one(
        f"select {', '.join(SCORE)} from marts.nps_by_segment where period_grain = 'all_time' "
        "and segment_dimension = 'all' and survey_kind = 'relational'"
    )
    assert dict(zip(SCORE, said, strict=False)) == pytest.approx(mart)
    assert said[-1] > 1.2 * mart["responses"], "this world could not tell answers from voices"


@pytest.mark.parametrize("attribute", ["customer_type", "region", "tenure_band", "revenue_band"])
def test_the_score_of_a_segment_is_the_marts(carrier: Metrics, attribute: str) -> None:
    for grain in ("all_time", "year"):
        time = [] if grain == "all_time" else [f"metric_time__{grain}"]
        said = carrier.by(COUNTS, [*time, f"response__{attribute}"])
        mart = by_mart(
            carrier,
            "nps_by_segment",
            COUNTS,
            [*(["period_start"] if time else []), "segment_value"],
            f"period_grain = '{grain}' and segment_dimension = '{attribute}' "
            "and survey_kind = 'relational'",
        )
        assert_equal({key: row for key, row in said.items() if key[-1] is not None}, mart)


def test_a_span_of_days_is_a_period_of_its_own(carrier: Metrics) -> None:
    ((year,),) = carrier.world.rows(
        "select max(year(responded_on)) - 1 from marts.fct_survey_responses"
    )
    said = carrier.by(COUNTS, start=f"{year}-01-01", end=f"{year}-12-31")[()]
    mart = carrier.world.one(
        f"select {', '.join(COUNTS)} from marts.nps_by_segment where period_grain = 'year' "
        f"and period_start = '{year}-01-01' and segment_dimension = 'all' "
        "and survey_kind = 'relational'"
    )
    assert said == tuple(mart.values())


def test_the_score_after_contacts_is_the_marts(credit: Metrics) -> None:
    columns = ["transactional_responses", "transactional_nps"]
    for dimension in ("client_id", "channel", "journey_stage"):
        mart = by_mart(
            credit,
            "nps_by_segment",
            ["responses", "nps"],
            ["period_start", "segment_value"],
            f"period_grain = 'quarter' and segment_dimension = '{dimension}' "
            "and survey_kind = 'transactional' and score_scale = 'nps_0_10'",
        )
        said = credit.by(columns, ["metric_time__quarter", f"response__{dimension}"])
        assert_equal({key: row for key, row in said.items() if key[-1] is not None}, mart)


def test_response_rates_are_the_marts(carrier: Metrics) -> None:
    columns = ["invitations", "answered_invitations", "response_rate"]
    for grain in GRAINS:
        mart = by_mart(
            carrier,
            "response_rates",
            columns,
            ["period_start"],
            f"period_grain = '{grain}' and segment_dimension = 'all'",
        )
        assert_equal(carrier.by(columns, [f"metric_time__{grain}"]), mart)
    segments = ["segment_dimension", "segment_value"]
    mart = by_mart(
        carrier, "response_rates", ["response_rate"], segments, "period_grain = 'all_time'"
    )
    assert_equal(
        carrier.by(["segment_response_rate"], [f"asked_segment__{name}" for name in segments]), mart
    )


def test_movements_close_and_retention_follows_from_them(carrier: Metrics) -> None:
    months = carrier.ask(Asked(saved="recurring_revenue_movements"))
    assert len(months) > 12
    for month in months:
        opening, churned = month["opening_recurring_revenue"], month["churned_recurring_revenue"]
        lost = churned + month["contracted_recurring_revenue"]
        gained = month["expanded_recurring_revenue"]
        begun = month["new_recurring_revenue"] + month["reactivated_recurring_revenue"]
        assert opening - lost + gained + begun == month["recurring_revenue"]
        if opening:
            assert month["gross_revenue_retention"] == pytest.approx(
                float((opening - lost) / opening)
            )
            assert month["net_revenue_retention"] == pytest.approx(
                float((opening - lost + gained) / opening)
            )
    ((total,),) = carrier.world.rows("select sum(movement) from marts.fct_customer_revenue_monthly")
    assert total == months_sum(months)


def months_sum(months: list[dict[str, Any]]) -> Any:
    """What recurs in a month less what recurred in the one before, of all months."""
    return sum(month["recurring_revenue"] - month["opening_recurring_revenue"] for month in months)


def test_revenue_is_what_was_recognised(carrier: Metrics) -> None:
    said = carrier.by(["net_revenue", "recognised_revenue"], ["metric_time__month"])
    assert len(said) > 12
    for month, (net, recognised) in said.items():
        assert net == pytest.approx(recognised or 0, abs=0.02 * 800), month
    total = carrier.by(["net_revenue", "recognised_revenue"])[()]
    mart = carrier.world.one(
        "select sum(recognised_in_reporting_currency) as recognised, "
        "(select sum(net_revenue) from marts.fct_customer_revenue_monthly) as net "
        "from marts.revenue_reconciliation"
    )
    assert total == pytest.approx((float(mart["net"]), float(mart["recognised"])))


def test_retention_of_cohorts_is_the_marts(carrier: Metrics) -> None:
    said = carrier.by(
        ["cohort_customers", "cohort_retention", "cohort_gross_retention", "cohort_net_retention"],
        ["metric_time__month", "cohort__months_since"],
    )
    mart = by_mart(
        carrier,
        "churn_cohorts",
        ["customers", "retention_rate", "gross_revenue_retention", "net_revenue_retention"],
        ["cohort_month", "months_since"],
        "cohort_kind = 'acquisition_month'",
    )
    assert_equal(said, mart)
    said = carrier.by(
        ["category_customers", "category_retention"],
        ["cohort__cohort_category", "cohort__months_since"],
    )
    mart = by_mart(
        carrier,
        "churn_cohorts",
        ["customers", "retention_rate"],
        ["cohort_category", "months_since"],
        "cohort_kind = 'first_category'",
    )
    assert_equal(said, mart)


def test_contacts_and_the_loop_are_the_marts(carrier: Metrics) -> None:
    mart = by_mart(
        carrier,
        "contact_effort",
        ["contacts", "complaints", "faults", "unresolved", "handling_cost", "cost_per_contact"],
        ["channel"],
        "period_grain = 'all_time' and segment_dimension = 'all' and journey_stage = 'all' "
        "and channel <> 'all'",
    )
    said = carrier.by(
        [
            "contacts",
            "complaints",
            "faults",
            "unresolved_contacts",
            "handling_cost",
            "cost_per_contact",
        ],
        ["contact__channel"],
    )
    assert set(said) == set(mart)
    for key, figures in mart.items():
        assert said[key] == pytest.approx([float(figure) for figure in figures], abs=0.01), key
    columns = [
        "answers_to_follow",
        "answers_followed_up",
        "cases",
        "cases_in_time",
        "followed_up_share",
    ]
    mart = by_mart(
        carrier,
        "closed_loop_performance",
        ["answers", *columns[1:]],
        ["category"],
        "period_grain = 'all_time' and segment_dimension = 'all' and survey_kind = 'relational'",
    )
    assert_equal(
        carrier.by(
            columns,
            ["loop_month__category"],
            ["{{ Dimension('loop_month__survey_kind') }} = 'relational'"],
        ),
        mart,
    )


def test_what_is_rejected_is_the_marts(credit: Metrics) -> None:
    mart = by_mart(
        credit, "landing_reconciliation", ["rows_read", "rejected_share"], ["dataset"], "true"
    )
    assert_equal(credit.by(["rows_read", "rejected_share"], ["dataset__dataset_name"]), mart)


def test_thirty_questions_are_listed_and_most_can_be_asked() -> None:
    asked = questions(PAGE)
    assert len(asked) == 30
    assert all(question.endswith("?") for question, _ in asked)
    assert sum(how.startswith("`--") for _, how in asked) >= 25


@pytest.mark.parametrize(("question", "how"), questions(PAGE), ids=range(1, 31))
def test_a_question_has_an_answer(
    carrier: Metrics, credit: Metrics, question: str, how: str
) -> None:
    if named := re.fullmatch(r"no metric: `(\w+)`", how):
        assert carrier.world.rows(f"select 1 from marts.{named[1]} limit 1"), question
        return
    world = credit if "transactional" in how else carrier
    rows = world.ask(Asked.from_words(how.strip("`")))
    assert rows, question
    figures = Asked.from_words(how.strip("`")).metrics
    assert all(any(row[name] is not None for row in rows) for name in figures), question


def test_what_is_no_metric_is_a_mart(carrier: Metrics) -> None:
    named = re.findall(
        r"^\| [^|]+\? \| (`\w+`(?:, `\w+`)*) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert len(named) >= 10
    marts = carrier.world.marts()
    for names in named:
        assert all(name in marts for name in re.findall(r"\w+", names)), names


def test_every_metric_says_what_it_is(carrier: Metrics) -> None:
    metrics = carrier.manifest["metrics"]
    assert len(metrics) > 60
    assert not [m["name"] for m in metrics if not m["description"] or not m["label"]]
    assert len({m["label"] for m in metrics}) == len(metrics)
