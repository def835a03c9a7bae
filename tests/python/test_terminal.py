"""What the terminal shows can be read: it fits, breaks no word, and figures have their unit."""

import datetime
import io
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

import worlds
from pointworth.asking.answer import Answer
from pointworth.asking.formats import cell_text
from pointworth.asking.forms import Form, Format
from pointworth.asking.layout import fits, markdown, print_records, print_table
from pointworth.asking.query import print_result
from pointworth.asking.questions import answer_question, list_questions, questions, read_question
from pointworth.asking.reading import MOST_COLUMNS, interval_text, period_text, read_entries
from pointworth.asking.show import list_marts, show_mart
from pointworth.errors import PointworthError

WIDTHS = (80, 120, 200)
LONG = "reconsideration of the extraordinary circumstances under which everybody answered"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the demo's world is published."""
    return worlds.operator(tmp_path_factory).publish(tmp_path_factory.mktemp("home"))


def terminal(width: int) -> Console:
    """A terminal so wide, whose text is kept."""
    return Console(width=width, file=io.StringIO())


def lines(console: Console) -> list[str]:
    """What a terminal shows."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def marts(home: Path) -> list[str]:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        return [
            str(name) for (name,) in connection.execute("select mart from dim_marts").fetchall()
        ]


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (None, "share", "–"),
        (0.0789, "share", "7.9 %"),
        (0.00044, "share", "0.044 %"),
        (0.44, "percent", "0.4 %"),
        (Decimal("8500246.61"), "money", "8.50 m"),
        (Decimal("85246.61"), "money", "85,247"),
        (12.5, "money", "12.50"),
        (32.44, "points", "+32.4"),
        (1234, "count", "1,234"),
        (3.3, "ratio", "3.30 ×"),
        (0.0002, "probability", "< 0.001"),
        (2016, None, "2016"),
        (1_030_759.8551, None, "1,030,759.86"),
        (True, None, "yes"),
        (datetime.date(2016, 4, 1), None, "1 Apr 2016"),
        (datetime.datetime(2016, 4, 1, 9, 5, 7), None, "1 Apr 2016 09:05"),
        (float("nan"), "points", "–"),
        ("a\x1b[31m\nb", None, "a [31m b"),
    ],
)
def test_a_value_is_written_for_reading(value: object, unit: str | None, written: str) -> None:
    assert cell_text(value, unit) == written


def test_an_interval_says_its_unit_once() -> None:
    assert interval_text(0.05, 0.0912, "share") == "5.0 to 9.1 %"
    assert interval_text(2.79e6, 9.19e6, "money") == "2.79 to 9.19 m"
    assert interval_text(None, 1.0, "points") == "–"


@pytest.mark.parametrize(
    ("grain", "written"),
    [("year", "2018"), ("quarter", "2018 Q4"), ("month", "Oct 2018"), ("all_time", "all time")],
)
def test_a_period_is_written_as_people_say_it(grain: str, written: str) -> None:
    assert period_text(grain, datetime.date(2018, 10, 1)) == written


@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_is_broken_and_no_line_too_long(width: int) -> None:
    names = [f"a_rather_long_name_{number}" for number in range(4)]
    columns = Answer(names, [(LONG, 1_234_567, 0.5, LONG)]).written()
    assert fits(columns, width)
    for print_form in (print_table, print_records):
        console = terminal(width)
        print_form(console, columns)
        shown = lines(console)
        assert max(map(len, shown)) <= width
        words = set(" ".join(shown).split())
        assert {*LONG.split(), "1,234,567"} <= words


def test_what_does_not_fit_is_shown_as_records(home: Path) -> None:
    forms = {}
    for width in WIDTHS:
        console = terminal(width)
        print_result(home, "select * from nps_by_segment limit 2", Form(), console)
        forms[width] = lines(console)
        assert max(map(len, forms[width])) <= width
    assert forms[80][0].startswith("── 1 of 2 ─")
    console = terminal(80)
    print_result(home, "select nps, lower, upper from nps_by_segment limit 2", Form(), console)
    assert lines(console)[0].split() == ["nps", "lower", "upper"]


def test_a_column_that_marts_understand_differently_has_no_unit(home: Path) -> None:
    sql = (
        "select a.lower, a.nps, b.risk from nps_by_segment as a cross join churn_after_score as b "
        "where a.nps > 1 and b.risk > 0 limit 1"
    )
    console = terminal(80)
    print_result(home, sql, Form(), console)
    lower, nps, risk, sign = lines(console)[-1].split()
    assert (lower[0] != "+", nps[0], sign) == (True, "+", "%")
    assert re.fullmatch(r"[\d.]+", risk)


def test_raw_values_are_as_they_are(home: Path) -> None:
    sql = "select risk, null as nothing from churn_after_score where risk > 0 order by risk limit 1"
    console = terminal(120)
    print_result(home, sql, Form(raw=True), console)
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        (risk, _) = connection.execute(sql).fetchall()[0]
    assert lines(console)[-1].split() == [str(risk), "–"]


def test_markdown_keeps_its_columns() -> None:
    text = markdown(Answer(["a", "b"], [("x | y", 1234567)]).written())
    assert text == "| a | b |\n| --- | ---: |\n| x \\| y | 1,234,567 |\n"


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.md", "a.parquet", "a.txt"])
def test_an_answer_is_written_to_a_file(home: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    sql = "select mart, question from dim_marts where mart = 'nps_by_segment'"
    print_result(home, sql, Form(out=file), terminal(80))
    if name.endswith("parquet"):
        with duckdb.connect() as connection:
            content = str(connection.execute(f"from '{file}'").fetchall())
    else:
        content = file.read_text("utf-8")
    assert "nps_by_segment" in content
    assert "How do we score" in content
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_cannot_be_written_is_one_sentence_and_changes_nothing(
    home: Path, tmp_path: Path
) -> None:
    before = (home / "marts.duckdb").read_bytes()
    kept = tmp_path / "kept.csv"
    kept.write_text("mine")
    for sql, out, said in (
        ("select 1 as a", home / "marts.duckdb", "belongs to the warehouse"),
        ("select 1 as a", tmp_path / "none" / "a.csv", "There is no folder"),
        ("select 1 as a", tmp_path, "is a folder"),
        ("select error('no')", kept, "could not be answered"),
        ("", kept, "there is no query"),
    ):
        with pytest.raises(PointworthError, match=said):
            print_result(home, sql, Form(Format.csv, out=out), terminal(80))
    assert (home / "marts.duckdb").read_bytes() == before
    assert kept.read_text() == "mine"
    with pytest.raises(PointworthError, match="--out"):
        Form(Format.parquet)
    with pytest.raises(PointworthError, match="--format"):
        Form(out=tmp_path / "a.doc")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", range(1, 8))
def test_a_question_is_answered_in_few_columns(home: Path, number: int, width: int) -> None:
    question = read_question(questions()[number - 1])
    assert len(question.shown) <= MOST_COLUMNS
    console = terminal(width)
    answer_question(home, number, Form(), console)
    shown = lines(console)
    assert max(map(len, shown)) <= width
    assert shown[0].endswith("?")
    said = " ".join(" ".join(shown).split())
    assert f"How to read it: {question.how_to_read}" in said


def test_the_questions_are_listed_and_no_other_is_asked(home: Path) -> None:
    console = terminal(80)
    list_questions(console)
    assert [line[0] for line in lines(console)[:7]] == list("1234567")
    with pytest.raises(PointworthError, match="no question 8"):
        answer_question(home, 8, Form(), terminal(80))


def test_every_mart_is_listed_with_its_question(home: Path) -> None:
    for width in WIDTHS:
        console = terminal(width)
        list_marts(home, Form(), console)
        assert max(map(len, lines(console))) <= width
        said = " ".join(lines(console)).split()
        assert set(marts(home)) <= set(said)


def test_every_mart_is_shown_in_few_columns(home: Path) -> None:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        reading = dict(connection.execute("select mart, reading from dim_marts").fetchall())
    for mart, text in reading.items():
        assert len(read_entries(text)) <= MOST_COLUMNS
        console = terminal(80)
        show_mart(home, mart, None, None, Form(), console)
        for line in lines(console):
            assert len(line) <= 80 or " " not in line.strip(), (mart, line)


def test_a_segment_and_a_period_are_shown(home: Path) -> None:
    console = terminal(120)
    show_mart(home, "nps_by_segment", "customer_type=sme", "2016Q2", Form(), console)
    (row,) = [line for line in lines(console) if line.startswith("2016 Q2")]
    assert row.split()[2] == "sme"
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        ((nps,),) = connection.execute(
            "select nps from nps_by_segment where segment_value = 'sme' and survey_kind = "
            "'relational' and period_grain = 'quarter' and period_start = date '2016-04-01'"
        ).fetchall()
    assert f"{nps:+.1f}" in row


@pytest.mark.parametrize(
    ("mart", "segment", "period", "said"),
    [
        ("nps_by_segmen", None, None, "did you mean nps_by_segment"),
        ("nps_by_segment", "moon=x", None, "there are all, channel"),
        ("nps_by_segment", "customer_type=moon", None, "there are enterprise"),
        ("nps_by_segment", None, "2099", "by year it begins 2014|by year it begins 2015"),
        ("nps_by_segment", None, "soon", "write 2018, 2018Q4"),
        ("survival_curves", "all", None, "not cut by segments"),
        ("survival_curves", None, "2018", "not cut by periods"),
    ],
)
def test_what_is_not_there_is_said(
    home: Path, mart: str, segment: str | None, period: str | None, said: str
) -> None:
    with pytest.raises(PointworthError, match=said):
        show_mart(home, mart, segment, period, Form(), terminal(80))
