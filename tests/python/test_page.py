"""The page: its words, its charts, its policy, and what a browser makes of it."""

import hashlib
import re
import string
from pathlib import Path

import duckdb
import pytest
import yaml

from browser import look_at, needs_chromium
from conftest import Toy
from pointworth.page import Facts, charts, write_page
from pointworth.page.catalogue import LANGUAGES, catalogue, words
from pointworth.page.figures import FIGURES
from pointworth.page.headline import NEEDS as HEADLINE_NEEDS
from pointworth.page.markup import in_script
from pointworth.page.page import gather, needed, render
from pointworth.page.writing import Writer
from pointworth.project import Mart
from pointworth.publish import write_marts
from worlds import ROOT, operator

VENDOR = ROOT / "src/pointworth/page/vendor"


def fields(text: str) -> set[str]:
    """The names a text wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_there_in_every_language_with_the_same_names() -> None:
    for group, entries in catalogue().items():
        for name, texts in entries.items():
            assert len(texts) == len(LANGUAGES), (group, name)
            assert all(texts), (group, name)
            assert len({frozenset(fields(text)) for text in texts}) == 1, (group, name)


def test_every_figure_is_a_question_that_says_what_it_means() -> None:
    for language in LANGUAGES:
        for figure in FIGURES:
            assert words(language).text(f"title.{figure.key}").endswith("?")
            assert words(language).text(f"means.{figure.key}")


def test_every_estimate_with_an_interval_has_a_colour() -> None:
    """Without one its dot and its line are not drawn."""
    forests = [figure for figure in FIGURES if figure.chart in ("forest", "scenarios")]
    assert len(forests) >= 6
    for figure in forests:
        assert "tone" in {column.name for column in figure.columns}, figure.key


def test_the_charts_are_those_that_altair_makes() -> None:
    assert charts.FILE.read_text(encoding="utf-8") == charts.as_text()


def test_vendored_files_are_as_they_were_taken() -> None:
    noted = re.findall(
        r"\| (\S+\.js) \| sha512-\S+ \| ([0-9a-f]{64}) \|", (VENDOR / "README.md").read_text()
    )
    assert {name for name, _ in noted} == {path.name for path in VENDOR.glob("*.js")}
    for name, digest in noted:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
        assert "Redistribution" in (VENDOR / f"{name.split('.')[0]}.LICENSE").read_text()


@pytest.mark.parametrize(
    ("language", "money", "share", "day"),
    [
        ("en", "−€8.5 m", "4.2%", "31 Dec 2018"),
        ("it", "−8,5 mln €", "4,2%", "31 dic 2018"),
        ("fr", "−8,5 M€", "4,2\u00a0%", "31 déc. 2018"),
        ("de", "−8,5 Mio. €", "4,2\u00a0%", "31. Dez. 2018"),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(
    language: str, money: str, share: str, day: str
) -> None:
    writer = Writer(words(language))
    assert writer.write(-8_500_246.6141, "money") == money
    assert writer.write(0.0421, "share") == share
    assert writer.write("2018-12-31", "day") == day
    assert writer.write(None, "money") == "–"


def test_data_cannot_end_the_script_it_is_in() -> None:
    assert "<" not in in_script({"a": "</script><script>alert(1)</script><!--"})


def test_a_build_leaves_a_page_and_says_where(published_toy: Toy) -> None:
    page = published_toy.home / "dashboard.html"
    assert page.is_file()
    result = published_toy.run("dashboard", "--language", "it")
    assert result.exit_code == 0, result.output
    assert (published_toy.home / "dashboard-it.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--language", "xx"], "--language xx is not known"),
        (["--client", "nobody"], "No client nobody is published"),
        (["--out", "."], "is a folder"),
        (["--out", "no/such/folder/page.html"], "name another folder"),
    ],
)
def test_a_page_that_cannot_be_written_is_one_sentence(
    published_toy: Toy, arguments: list[str], says: str
) -> None:
    before = (published_toy.home / "dashboard.html").read_bytes()
    result = published_toy.run("dashboard", *arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert (published_toy.home / "dashboard.html").read_bytes() == before


def test_a_page_that_cannot_take_its_place_stops_the_publication(published_toy: Toy) -> None:
    page = published_toy.home / "dashboard.html"
    page.unlink()
    page.mkdir()
    (page / "kept").write_text("mine")
    before = published_toy.published.read_bytes()
    published_toy.answers(rows=101)
    result = published_toy.build()
    assert result.exit_code == 2
    assert "dashboard" in result.output
    assert published_toy.published.read_bytes() == before
    assert not list(published_toy.home.glob(".dashboard*"))


def test_a_rollback_brings_the_page_back(published_toy: Toy) -> None:
    page = published_toy.home / "dashboard.html"
    first = page.read_bytes()
    published_toy.answers(rows=101)
    assert published_toy.build().exit_code == 0
    assert page.read_bytes() != first
    assert published_toy.run("rollback").exit_code == 0
    assert page.read_bytes() == first


@pytest.fixture
def odd_marts(tmp_path: Path) -> Path:
    """Scores of two clients by quarter, one of them named like markup, and one with few answers."""
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create table nps_by_segment as
            select 'quarter' as period_grain, date '2018-01-01' as period_start,
                'relational' as survey_kind, 'nps_0_10' as score_scale, segment_dimension,
                segment_value, responses, 60 as promoters, 20 as passives, 20 as detractors,
                case when responses >= 30 then 40.0 end as nps,
                case when responses >= 30 then 30.0 end as lower,
                case when responses >= 30 then 50.0 end as upper, null::double as nps_change,
                null::double as p_value, null::boolean as is_significant, 0.5 as response_rate,
                0.5 as revenue_coverage, 'descriptive' as evidence, responses >= 30 as is_reportable
            from (values ('all', 'all', 100), ('client_id', '<script>alert(1)</script>', 80),
                ('client_id', 'secret & co', 20)) as t(segment_dimension, segment_value, responses);
            create table dim_segments as select distinct segment_dimension, segment_value,
                responses as answers, responses as customers from nps_by_segment
            """
        )
    return file


def test_strings_of_the_data_are_text_and_few_answers_tell_nothing(
    odd_marts: Path, tmp_path: Path
) -> None:
    text = render(odd_marts, Facts(settings={"note": "<script>alert(2)</script>"}))
    assert "<script>alert" not in text
    assert "connect-src" not in text
    assert "default-src &#x27;none&#x27;" in text
    assert "unsafe-eval" not in text
    page = gather(odd_marts, Facts())
    few = page.figures["score_trend"]["views"]["client_id\x1fsecret & co\x1erelational\x1fnps_0_10"]
    assert few["a"][0] == words("en").text("answer.few")


def test_a_client_sees_its_own_rows_and_nobody_elses(odd_marts: Path) -> None:
    text = render(
        odd_marts, Facts(settings={"note": "of everybody"}), client="<script>alert(1)</script>"
    )
    assert "secret" not in text
    assert "of everybody" not in text
    page = gather(odd_marts, Facts(), client="secret & co")
    assert set(page.figures) == {"score_trend", "categories"}
    assert all("secret" in key for figure in page.figures.values() for key in figure["views"])


@needs_chromium
def test_a_browser_shows_odd_strings_as_text(odd_marts: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_page(odd_marts, file, Facts())
    seen = look_at(file, 1200, position=1)
    assert seen["requests"] == seen["refused"] == []
    assert seen["answers"]["score_trend"].startswith("40 in 2018 Q1")


@needs_chromium
@pytest.mark.slow
def test_a_browser_finds_nothing_to_complain_of(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """The simulated operator at three widths and in four languages; the figures are the marts'."""
    world = operator(tmp_path_factory)
    marts = tmp_path / "marts.duckdb"
    write_marts(world.file, marts, [Mart(name, "", {}) for name in world.marts()], tmp_path, "1GB")
    for language in LANGUAGES:
        file = tmp_path / f"page-{language}.html"
        write_page(marts, file, Facts(), language=language)
        assert file.stat().st_size < 8_000_000
        page = gather(marts, Facts(), language=language)
        for width in (500, 1000, 2000):
            seen = look_at(file, width)
            assert seen["drawn"] >= 15
            assert seen["over"] <= 0, (language, width)
            assert seen["over_cards"] == [], (language, width)
            assert seen["requests"] == seen["refused"] == []
        # What page.js writes after a choice is what writing.py makes of the marts.
        chosen = look_at(file, 1200, "period", 1)
        key = "\x1e".join(("\x1f".join(page.choices.periods[1]), "relational\x1fnps_0_10"))
        figure = page.figures["differences"]
        shown = [n for n, column in enumerate(figure["columns"]) if column[3]]
        written = [
            [page.writer.write(row[n], figure["columns"][n][1]) for n in shown]
            for row in figure["views"][key]["r"]
        ]
        few = words(language).text("ui.few")
        assert [
            ["–" if cell == few else cell for cell in row]
            for row in chosen["tables"]["differences"]
        ] == written


def test_the_figures_name_columns_that_the_marts_have() -> None:
    """A column that a mart renames would let its figure fall out of the page without a word."""
    promised: dict[str, set[str]] = {}
    for path in (ROOT / "models").rglob("_*__models.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            promised[model["name"]] = {column["name"] for column in model.get("columns", ())}
    for figure in FIGURES:
        for mart, columns in needed(figure).items():
            assert columns <= promised[mart], (figure.key, columns - promised[mart])
    for mart, columns in HEADLINE_NEEDS.items():
        assert columns <= promised[mart], (mart, columns - promised[mart])
