"""The real project through the real command: survey answers alone are enough for a first build."""

from pathlib import Path

import duckdb
import pytest

from conftest import Toy
from pointworth.warehouse import Warehouse


@pytest.fixture(scope="module")
def surveys_only(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """A landing with nothing but anonymous answers, built by the real project."""
    warehouse = Toy(tmp_path_factory.mktemp("surveys_only"))
    warehouse.landing.mkdir()
    answers = [f"r{row},2024-01-{row % 28 + 1:02d},{row % 11}" for row in range(100)]
    text = "\n".join(["response_id,responded_at,score", *answers, ""])
    (warehouse.landing / "survey_responses.csv").write_text(text, encoding="utf-8")
    result = warehouse.build()
    assert result.exit_code == 0, result.output
    return warehouse


def test_every_mart_is_published_and_the_score_is_right(surveys_only: Toy) -> None:
    with duckdb.connect(str(surveys_only.published), read_only=True) as connection:
        score = connection.execute(
            "select responses, nps, lower < nps and nps < upper from nps_by_segment "
            "where segment_dimension = 'all' and period_grain = 'all_time'"
        ).fetchall()
    assert score == [(100, pytest.approx(-46.0), True)]


def test_empty_marts_name_the_datasets_they_wait_for(surveys_only: Toy) -> None:
    record = Warehouse(surveys_only.home).runs()[0].record
    why = {empty["mart"]: empty["why"] for empty in record["empty_marts"]}
    assert why["fct_subscriptions"] == "no billing_subscriptions, crm_customers in the landing"
    assert "billing_invoice_lines" in why["revenue_per_point"]
    assert why["rejected_rows"] == "no row was rejected"


def test_no_trace_of_an_unfinished_file_is_left(surveys_only: Toy) -> None:
    left = {path.name for path in Path(surveys_only.home).iterdir()}
    assert left == {
        *("build", "dashboard.html", "lock", "marts.duckdb", "publications.jsonl", "runs")
    }


def test_an_answer_more_is_built_on_top_of_the_others(surveys_only: Toy) -> None:
    answers = surveys_only.landing / "survey_responses.csv"
    answers.write_text(answers.read_text("utf-8") + "r100,2024-01-29,9\n", encoding="utf-8")
    assert arrived(surveys_only) == (101, 0, None)


def test_what_arrives_is_built_on_top_of_what_was_not_there(surveys_only: Toy) -> None:
    """Two datasets of which nothing was built."""
    for name, text in {
        "crm_customers": "customer_id,acquired_on\nc1,2023-01-01\n",
        "billing_invoice_lines": "invoice_line_id,customer_id,invoiced_on,amount\n"
        "l1,c1,2024-01-05,7\n",
    }.items():
        (surveys_only.landing / f"{name}.csv").write_text(text, encoding="utf-8")
    assert arrived(surveys_only) == (101, 1, 7)


def arrived(surveys: Toy) -> tuple[int | None, ...]:
    """Answers, customers and revenue once the last build is continued."""
    result = surveys.build()
    assert result.exit_code == 0, result.output
    assert Warehouse(surveys.home).runs()[0].record["is_continued"]
    with duckdb.connect(str(surveys.published), read_only=True) as connection:
        (found,) = connection.execute(
            "select (select count(*) from fct_survey_responses), "
            "(select count(*) from dim_customers), "
            "(select sum(net_revenue) from fct_customer_revenue_monthly)"
        ).fetchall()
    return found
