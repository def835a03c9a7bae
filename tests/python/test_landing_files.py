"""Every way a file gets written: no line is lost without being counted, none costs another."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest

from worlds import World, dbt_build

HEADER = "response_id,responded_at,score,verbatim\n"


def line(key: str, score: int = 9, verbatim: str = "") -> str:
    """A good row."""
    return f"{key},2024-05-03T10:00:00,{score},{verbatim}\n"


@dataclass(frozen=True)
class Case:
    """A file, the keys of the rows that are good in it, and how many are malformed."""

    content: bytes
    good: tuple[str, ...]
    malformed: int = 0


def text(content: str, good: str, malformed: int = 0) -> Case:
    """A file in UTF-8; the keys of its good rows, with blanks between them."""
    return Case(content.encode("utf-8"), tuple(good.split()), malformed)


CASES = {
    "plain": text(HEADER + line("a") + line("b"), "a b"),
    "no_line_end_at_the_end": text((HEADER + line("a")).rstrip(), "a"),
    "windows": text((HEADER + line("a") + line("b")).replace("\n", "\r\n"), "a b"),
    "old_mac": text((HEADER + line("a") + line("b")).replace("\n", "\r"), "a b"),
    "byte_order_mark": text("\ufeff" + HEADER + line("a"), "a"),
    "header_in_quotes": text('"response_id","responded_at","score","verbatim"\n' + line("a"), "a"),
    "header_with_a_quoted_comma": text(
        'response_id,"Would you, in words",responded_at,score\na,"yes, I would",2024-05-03,9\n', "a"
    ),
    "header_with_a_line_break": text(
        'response_id,"Would you\nrecommend us?",responded_at,score\na,yes,2024-05-03,9\n', "a"
    ),
    "header_in_capitals": text("Response_ID, Responded_At ,SCORE\na,2024-05-03,9\n", "a"),
    "twins_by_capitals": text(
        "response_id,responded_at,score,channel,Channel\na,2024-05-03,9,email,E-mail\n", "a"
    ),
    "columns_without_a_name": text("response_id,,responded_at,score,\na,x,2024-05-03,9,\n", "a"),
    "twins_the_contract_does_not_know": text(
        "response_id,note,responded_at,score,note\na,x,2024-05-03,9,y\n", "a"
    ),
    "commas_at_the_end": text(HEADER + line("a") + ",,,\n,,,\n", "a"),
    "blank_lines": text(HEADER + line("a") + "\n   \n" + line("b") + "\n\n", "a b"),
    "a_comma_too_many_in_each_row": text(
        HEADER + line("a").replace("\n", ",\n") + line("b").replace("\n", ",,\n"), "a b"
    ),
    "end_of_file_sign": text(HEADER + line("a") + "\x1a", "a"),
    "too_few_fields": text(HEADER + "a,2024-05-03\n" + line("b"), "b", 1),
    "too_many_fields": text(HEADER + line("a", verbatim="one, two") + line("b"), "b", 1),
    "a_quote_amid_a_field": text(HEADER + line("a", verbatim='5" screen') + line("b"), "a b"),
    "line_breaks_in_a_text": text(
        HEADER + line("a", verbatim='"first\nsecond, with a comma\n\nlast"') + line("b"), "a b"
    ),
    "quote_left_open_to_the_end": text(
        HEADER + line("a") + line("b", verbatim='"great') + line("c") + line("d"), "a c d", 1
    ),
    "quote_left_open_until_another": text(
        HEADER
        + line("a", verbatim='"great')
        + line("b")
        + line("c", verbatim='"fine"')
        + line("d"),
        "b c d",
        1,
    ),
    "quote_left_open_and_closed_by_chance": text(
        HEADER + line("a", verbatim='"great') + line("b") + line("c", verbatim='fine"') + line("d"),
        "b c d",
        1,
    ),
    "two_quotes_left_open": text(
        HEADER
        + line("a", verbatim='"great')
        + line("b")
        + line("c", verbatim='"good')
        + line("d")
        + line("e", verbatim='"a text\non two lines"')
        + line("f"),
        "b d e f",
        2,
    ),
    "quote_left_open_in_the_last_line": text(HEADER + line("a") + line("b", verbatim='"x'), "a", 1),
    "a_backslash_before_a_quote": text(
        HEADER + line("a", verbatim='"so \\"good\\""') + line("b"), "b", 1
    ),
    "not_utf_8": Case(
        (HEADER + line("a") + line("b", verbatim="Forlì") + line("c")).encode("latin-1"),
        ("a", "c"),
        1,
    ),
    "a_zero_byte": text(HEADER + line("a", verbatim="x\x00y") + line("b"), "a b"),
    "signs_of_all_scripts": text(HEADER + line("a", verbatim="très 👍 好 ‮ '; drop table x"), "a"),
}
PACKED = ("plain", "quote_left_open_to_the_end", "windows")


def write(folder: Path) -> None:
    """All of them as parts of one dataset, each with keys of its own, some packed too."""
    parts = folder / "survey_responses"
    parts.mkdir(parents=True)
    for name, case in CASES.items():
        (parts / f"{name}.csv").write_bytes(case.content)
    for name in PACKED:
        (parts / f"packed_{name}.csv.gz").write_bytes(gzip.compress(CASES[name].content))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> World:
    """What was loaded, in a folder whose name has signs of its own."""
    world = World(tmp_path_factory.mktemp("files") / "client's [v2] *")
    write(world.landing)
    dbt_build(world.landing, world.file, select=["+base_survey__responses"])
    return world


@pytest.mark.parametrize("name", [*CASES, *(f"packed_{name}" for name in PACKED)])
def test_a_file_is_read_to_its_last_line(loaded: World, name: str) -> None:
    case = CASES[name.removeprefix("packed_")]
    (file,) = (path.name for path in (loaded.landing / "survey_responses").glob(f"{name}.csv*"))
    source = f"survey_responses/{file}"
    rows = loaded.rows(
        "select response_id, source_row from landing.survey_responses where source_file = ? "
        "order by source_row",
        source,
    )
    malformed = loaded.rows(
        "select source_row from landing.malformed_rows where source_file = ?", source
    )
    assert tuple(key for key, _ in rows) == case.good
    assert len(malformed) == case.malformed
    numbers = [number for _, number in rows] + [number for (number,) in malformed]
    assert len(set(numbers)) == len(numbers)
    assert min(numbers) == 2
    (read,) = loaded.rows(
        "select rows_read from landing.loaded_files where source_file = ?", source
    )
    assert read == (len(case.good) + case.malformed,)


def test_a_row_keeps_its_number_behind_swallowed_ones(loaded: World) -> None:
    assert loaded.rows(
        "select response_id, source_row from landing.survey_responses "
        "where source_file like '%/quote_left_open_to_the_end.csv' order by source_row"
    ) == [("a", 2), ("c", 4), ("d", 5)]


def test_a_text_on_several_lines_stays_whole(loaded: World) -> None:
    rows = dict(
        loaded.rows(
            "select source_file, verbatim from landing.survey_responses where verbatim like '%\n%'"
        )
    )
    assert rows["survey_responses/line_breaks_in_a_text.csv"] == (
        "first\nsecond, with a comma\n\nlast"
    )
    assert rows["survey_responses/two_quotes_left_open.csv"] == "a text\non two lines"


def test_columns_that_are_not_read_are_named(loaded: World) -> None:
    ignored: dict[str, list[str]] = {}
    for file, column in loaded.rows(
        "select source_file, column_name from landing.ignored_columns order by all"
    ):
        ignored.setdefault(Path(file).stem, []).append(column)
    assert ignored == {
        "header_with_a_quoted_comma": ["Would you, in words"],
        "header_with_a_line_break": ["Would you recommend us?"],
        "twins_by_capitals": ["Channel"],
        "columns_without_a_name": ["(a column without a name)"],
        "twins_the_contract_does_not_know": ["note"],
    }
