"""The seven questions run as they are on published marts, and have answers in the demo's world."""

from pathlib import Path

import duckdb
import pytest

import worlds
from worlds import ROOT, World

QUESTIONS = sorted((ROOT / "analyses").glob("[1-7]_*.sql"))


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world of the demo."""
    return worlds.operator(tmp_path_factory)


def answer(world: World, question: Path) -> list[dict[str, object]]:
    """The rows of a question on the marts of a world."""
    with duckdb.connect(str(world.file), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        cursor = connection.execute(question.read_text("utf-8"))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_there_are_seven() -> None:
    assert [question.name[0] for question in QUESTIONS] == list("1234567")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_an_answer(operator: World, question: Path) -> None:
    assert answer(operator, question)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_says_first_how_to_read_its_answer(question: Path) -> None:
    first, second, third, *_ = question.read_text("utf-8").splitlines()
    assert first.startswith(f"-- Question {question.name[0]}: ")
    assert first.endswith("?")
    assert second == "--"
    assert third.startswith("-- How to read it: ")


def test_the_critical_customers_add_up_from_the_top(operator: World) -> None:
    rows = answer(operator, QUESTIONS[0])
    at_risk = [float(str(row["revenue_at_risk"])) for row in rows]
    shares = [float(str(row["share_of_all_at_risk"])) for row in rows]
    assert at_risk == sorted(at_risk, reverse=True)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_promoters_bring_more_customers_than_detractors(operator: World) -> None:
    rows = {row["category"]: row for row in answer(operator, QUESTIONS[3])}
    brought = {name: float(str(row["referred_per_hundred"])) for name, row in rows.items()}
    assert brought["promoter"] > brought["passive"] > brought["detractor"]
